"""An independent statement of the digests, Merkle trees, traces and the ed25519 instruction, and the vectors made from it.

Written from the byte layouts, with hashlib alone, not from the Rust code. `python3 oracle.py` writes ../vectors.json, which Rust and
TypeScript check; `python3 oracle.py --check` only compares it with the file.
"""

import json
import random
import sys
from hashlib import sha256
from pathlib import Path

U64 = 2**64 - 1
RESOURCES = 8
DOMAIN = ["program", "genesis", "market"]
# name: (tag, length of the preimage, [(field, bytes or the kind of integer)])
TYPES = {
    "Attestation": ("hmm:attestation", 464, [
        ("job", 32), ("assignment", 32), ("worker", 32), ("model_root", 32), ("input_root", 32), ("report_digest", 32),
        ("output_root", 32), ("trace_root", 32), ("measurement", 32), ("usage", "u64s"),
    ]),
    "VerifierCommit": ("hmm:commit", 195, [
        ("round", 32), ("seat", "u8"), ("score", "u16"), ("delta_i", "i64"), ("delta_u", "i64"), ("salt", 32),
    ]),
    "EnclaveLeaf": ("hmm:enclave", 280, [
        ("worker", 32), ("measurement", 32), ("key", 32), ("capacity", "u64s"), ("expiry", "i64"),
    ]),
}


def encode(kind, value):
    if kind == "u64s":
        assert len(value) == RESOURCES
        return b"".join(encode("u64", v) for v in value)
    if isinstance(kind, int):
        assert len(value) == kind
        return value
    return value.to_bytes(int(kind[1:]) // 8, "little", signed=kind[0] == "i")


def preimage(name, domain, fields):
    tag, length, layout = TYPES[name]
    data = tag.encode().ljust(16, b"\0") + b"".join(domain[part] for part in DOMAIN)
    data += b"".join(encode(kind, fields[field]) for field, kind in layout)
    assert len(data) == length
    return data


# --- Merkle trees: every place is written out, and the tree folded in halves


def leaf(index, data):
    return sha256(b"\x00" + index.to_bytes(4, "little") + data).digest()


def fold(places):
    if len(places) == 1:
        return places[0]
    half = len(places) // 2
    return sha256(b"\x01" + fold(places[:half]) + fold(places[half:])).digest()


def places(depth, leaves):
    return [leaf(i, leaves[i]) if i < len(leaves) else bytes(32) for i in range(2**depth)]


def proof(places, index):
    if len(places) == 1:
        return []
    half = len(places) // 2
    low, high = places[:half], places[half:]
    return proof(low, index) + [fold(high)] if index < half else proof(high, index - half) + [fold(low)]


def up(node, index, siblings):
    """Where a hash leads, by the bits of its index."""
    for bit, sibling in enumerate(siblings):
        node = sha256(b"\x01" + (sibling + node if index >> bit & 1 else node + sibling)).digest()
    return node


def refusal(root, depth, index, data, siblings):
    """The first rule that is broken, or None."""
    if depth > 20:
        return "Depth"
    if index >= 2**depth:
        return "LeafIndex"
    if len(siblings) != depth:
        return "ProofLength"
    return None if up(leaf(index, data), index, siblings) == root else "Root"


def instruction(key, signature, message):
    offsets = [16 + 32, 0xFFFF, 16, 0xFFFF, 16 + 32 + 64, 32, 0xFFFF]
    return bytes([1, 0]) + b"".join(o.to_bytes(2, "little") for o in offsets) + key + signature + message


# --- traces: the network by its definition, with numbers instead of bytes; the proofs of two leaves from those of each


def number(byte):
    return byte - 128


def first_state(model_root, input_root):
    return sha256(b"hmm:state".ljust(16, b"\0") + model_root + input_root).digest()[:30] + bytes(2)


def step(model_root, state):
    neurons = []
    for row in range(30):
        weights = sha256(b"hmm:weights".ljust(16, b"\0") + model_root + bytes([row])).digest()
        quotient = sum(number(w) * number(x) for w, x in zip(weights, state, strict=True)) // 128 % 512
        neurons.append(quotient if quotient < 256 else 511 - quotient)
    clock = int.from_bytes(state[30:], "little") + 1
    return bytes(neurons) + (clock % 2**16).to_bytes(2, "little")


def run(model_root, input_root, depth):
    states = [first_state(model_root, input_root)]
    for _ in range(2**depth):
        states.append(step(model_root, states[-1]))
    return states[:-1], states[-1]


def link_items(states, depth, link):
    tree = places(depth, states)
    if link == 0 or link == 2**depth:
        index = max(link - 1, 0)
        return [states[index]] + proof(tree, index)
    left, right = proof(tree, link - 1), proof(tree, link)
    meeting = next(height for height in range(depth) if left[height + 1:] == right[height + 1:])
    return [states[link - 1], states[link]] + left[:meeting] + right[:meeting] + left[meeting + 1:]


def root_of_two(depth, index, low, high, siblings):
    """The root to which two neighbouring leaves lead; None if there are more or fewer siblings than are needed."""
    apart = next(height for height in range(32) if (index + 1) >> height == (index >> height) + 1 and (index >> height) % 2 == 0)
    if len(siblings) != 2 * apart + depth - apart - 1:
        return None
    low = up(leaf(index, low), index, siblings[:apart])
    high = up(leaf(index + 1, high), index + 1, siblings[apart:2 * apart])
    return up(low, index >> apart, [high] + siblings[2 * apart:])


def refute(model_root, input_root, depth, trace_root, output_root, link, items):
    """The first rule that is broken, or None if the claim is refuted."""
    if depth > 10:
        return "Depth"
    if link > 2**depth:
        return "Link"
    if link in (0, 2**depth):
        index = max(link - 1, 0)
        if len(items) != depth + 1:
            return "ProofLength"
        if refusal(trace_root, depth, index, items[0], items[1:]):
            return "Root"
        before, after = (None, items[0]) if link == 0 else (items[0], output_root)
    else:
        root = root_of_two(depth, link - 1, *items[:2], items[2:]) if len(items) >= 2 else None
        if root is None:
            return "ProofLength"
        if root != trace_root:
            return "Root"
        before, after = items[:2]
    right = first_state(model_root, input_root) if before is None else step(model_root, before)
    return "Honest" if after == right else None


# --- vectors


def digest_vectors(rng):
    rows = []
    bounds = {"u8": (0, 255), "u16": (0, 2**16 - 1), "u64": (0, U64), "i64": (-(2**63), 2**63 - 1)}

    def draw(kind, case):
        if kind == "u64s":
            return [draw("u64", case) for _ in range(RESOURCES)]
        if isinstance(kind, int):
            return [bytes(kind), b"\xff" * kind, rng.randbytes(kind)][min(case, 2)]
        low, high = bounds[kind]
        return [low, high, rng.randint(low, high)][min(case, 2)]

    for name, (_, _, layout) in TYPES.items():
        for case in range(8):
            domain = {part: draw(32, case) for part in DOMAIN}
            fields = {field: draw(kind, case) for field, kind in layout}
            data = preimage(name, domain, fields)
            rows.append({"type": name, "domain": domain, "fields": fields, "preimage": data, "digest": sha256(data).digest()})
    return rows


def merkle_vectors(rng):
    rows = []
    for depth, count in [(0, 0), (0, 1), (1, 1), (1, 2), (2, 0), (2, 3), (3, 5), (3, 8), (5, 17), (6, 64), (10, 3)]:
        leaves = [rng.randbytes(rng.choice([0, 1, 32, 64, 65])) for _ in range(count)]
        tree = places(depth, leaves)
        proofs = [{"index": i, "proof": proof(tree, i)} for i in range(min(count, 8))]
        rows.append({"depth": depth, "leaves": leaves, "root": fold(tree), "proofs": proofs})
    return rows


def proof_vectors(rng):
    """Proofs of a tree, each as it is, and each with one thing wrong."""
    rows = []
    for depth, count in [(0, 1), (1, 2), (4, 11), (4, 16), (7, 100)]:
        leaves = [rng.randbytes(64) for _ in range(count)]
        tree = places(depth, leaves)
        root = fold(tree)
        for index in sorted({0, count // 2, count - 1}):
            path = proof(tree, index)
            data = leaves[index]
            cases = [
                (root, depth, index, data, path),
                (root, depth, index ^ 1, data, path),
                (root, depth, index + 2**depth, data, path),
                (root, depth + 1, index, data, path),
                (root, 21, index, data, path + [bytes(32)] * (21 - depth)),
                (root, depth, index, data, path + [bytes(32)]),
                (root, depth, index, data, path + path[-1:]),
                (root, depth + 1, index, data, path + [root]),
                (root, depth, index, data + b"\0", path),
                (root, depth, index, data[:-1], path),
                (root, depth, 2**depth - 1, b"", path),
                (bytes(32), depth, index, data, path),
            ]
            if depth:
                above = sha256(b"\x01" + tree[index & ~1] + tree[index | 1]).digest()
                inner = tree[index & ~1] + tree[index | 1]
                cases += [
                    (root, depth, index, data, path[:-1]),
                    (root, depth - 1, index >> 1, inner, path[1:]),
                    (root, depth - 1, index >> 1, above, path[1:]),
                    (root, depth, index, data, path[::-1]),
                    (root, depth, index, tree[index], path),
                ]
            for case in cases:
                row = dict(zip(["root", "depth", "index", "data", "proof"], case))
                rows.append({**row, "refusal": refusal(*case)})
    assert {row["refusal"] for row in rows} == {None, "Depth", "LeafIndex", "ProofLength", "Root"}
    return rows


def step_vectors(rng):
    rows = []
    for model_root, input_root in [(bytes(32), bytes(32)), (b"\xff" * 32, bytes(32)), (rng.randbytes(32), rng.randbytes(32))]:
        states = [bytes(32), b"\xff" * 32, b"\x80" * 32, bytes(30) + b"\xff\xff", bytes(30) + b"\xff\0"]
        for state in states + [rng.randbytes(32) for _ in range(5)]:
            rows.append({
                "model_root": model_root, "input_root": input_root, "initial": first_state(model_root, input_root),
                "state": state, "next": step(model_root, state),
            })
    return rows


def trace_vectors(rng):
    rows = []
    for depth in [0, 1, 2, 3, 5, 9]:
        model_root, input_root = rng.randbytes(32), rng.randbytes(32)
        states, output = run(model_root, input_root, depth)
        numbers = sorted({0, 1, 2**depth // 2, 2**depth // 2 + 1, 2**depth - 1, 2**depth}) if depth > 3 else range(2**depth + 1)
        rows.append({
            "model_root": model_root, "input_root": input_root, "depth": depth, "trace_root": fold(places(depth, states)),
            "output_root": output, "links": [{"link": n, "items": link_items(states, depth, n)} for n in numbers],
        })
    return rows


def refutation_vectors(rng):
    """Traces, right or with one thing wrong; of each, links opened as they are and with one thing wrong."""
    rows = []
    for depth in [0, 1, 2, 4]:
        model_root, input_root = rng.randbytes(32), rng.randbytes(32)
        honest, output = run(model_root, input_root, depth)
        last = 2**depth
        for wrong in sorted({None, 0, last // 2, last - 1, last}, key=str):
            states, end = list(honest), output
            if wrong == last:
                end = rng.randbytes(32)
            elif wrong is not None:
                # from here on the steps are right again
                states[wrong] = rng.randbytes(32)
                for i in range(wrong + 1, last):
                    states[i] = step(model_root, states[i - 1])
                end = step(model_root, states[-1])
            root = fold(places(depth, states))
            claim = {"model_root": model_root, "input_root": input_root, "depth": depth, "trace_root": root, "output_root": end}
            for link in sorted({0, 1, last // 2, last - 1, last}):
                items = link_items(states, depth, link)
                cases = [(claim, link, items)]
                if wrong in (None, link):
                    other = rng.randbytes(32)
                    cases += [
                        (claim, link, items[:-1]),
                        (claim, link, items + [other]),
                        (claim, link, [other] + items[1:]),
                        (claim, link, items[:-1] + [bytes(a ^ b for a, b in zip(items[-1], b"\x01".ljust(32, b"\0")))]),
                        (claim, link, items[::-1]),
                        (claim, link ^ 1, items),
                        (claim, last + 1, items),
                        (claim, 2**32 - 1, items),
                        (claim, link, []),
                        ({**claim, "depth": 11}, link, items),
                        ({**claim, "depth": depth + 1}, link, items),
                        ({**claim, "trace_root": other}, link, items),
                        ({**claim, "model_root": other}, link, items),
                        ({**claim, "input_root": other}, link, items),
                        ({**claim, "output_root": other}, link, items),
                    ]
                for told, number, given in cases:
                    rows.append({**told, "link": number, "items": given, "refusal": refute(**told, link=number, items=given)})
    assert {row["refusal"] for row in rows} == {None, "Depth", "Link", "ProofLength", "Root", "Honest"}
    return rows


def ed25519_vectors(rng):
    rows = []
    for _ in range(4):
        key, signature, message = rng.randbytes(32), rng.randbytes(64), rng.randbytes(32)
        rows.append({"key": key, "signature": signature, "message": message, "data": instruction(key, signature, message)})
    return rows


def plain(value):
    """Bytes as hexadecimal digits, integers as decimal strings."""
    if isinstance(value, dict):
        return {key: plain(v) for key, v in value.items()}
    if isinstance(value, list):
        return [plain(v) for v in value]
    if isinstance(value, bytes):
        return value.hex()
    return str(value) if isinstance(value, int) else value


def document():
    sections = {
        "digest": digest_vectors(random.Random(1)),
        "merkle": merkle_vectors(random.Random(2)),
        "proof": proof_vectors(random.Random(3)),
        "ed25519": ed25519_vectors(random.Random(4)),
        "step": step_vectors(random.Random(5)),
        "trace": trace_vectors(random.Random(6)),
        "refutation": refutation_vectors(random.Random(7)),
    }
    parts = []
    for name, rows in sections.items():
        lines = ",\n".join("  " + json.dumps(plain(row), separators=(",", ":")) for row in rows)
        parts.append(f'"{name}": [\n{lines}\n]')
    return "{\n" + ",\n".join(parts) + "\n}\n"


def main():
    path = Path(__file__).resolve().parent.parent / "vectors.json"
    text = document()
    if "--check" in sys.argv[1:]:
        if path.read_text() != text:
            sys.exit("vectors.json is stale: run oracle.py")
    else:
        path.write_text(text)


if __name__ == "__main__":
    main()
