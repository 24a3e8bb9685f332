"""Rewrites signed division in LLVM bitcode by unsigned division, because the sBPF v0 instruction set has no signed one.

Usage: lower_signed_division.py LIBLLVM IN.o OUT.o

LLVM's BPF back end refuses sdiv and srem of up to 64 bits, and those of 128 bits become calls of __divti3 and __modti3, whose
Rust versions return through memory where LLVM expects registers. Here each becomes

    |x| = (x ^ s) - s   with s = x >> (bits - 1), all ones where x is negative
    x / y = ±(|x| /u |y|), negative where the signs differ
    x % y = ±(|x| %u |y|), with the sign of x

Division by zero and MIN / -1 are checked by rustc before the instruction is reached.

A conversion of a float to 128 bits is such a call as well, and refused.
"""

import ctypes, sys

library, source, target = sys.argv[1:]
llvm = ctypes.CDLL(library)
pointer = ctypes.c_void_p
SDIV, SREM, FP_TO_UI, FP_TO_SI, CALL = 15, 18, 33, 34, 45  # LLVMOpcode: fixed numbers of the C interface
INTEGER = 8  # LLVMTypeKind


def function(name, result, *arguments):
    f = getattr(llvm, "LLVM" + name)
    f.restype, f.argtypes = result, arguments
    return f


opcode = function("GetInstructionOpcode", ctypes.c_int, pointer)
operand = function("GetOperand", pointer, pointer, ctypes.c_uint)
type_of = function("TypeOf", pointer, pointer)
kind = function("GetTypeKind", ctypes.c_int, pointer)
width = function("GetIntTypeWidth", ctypes.c_uint, pointer)
name_of = function("GetValueName2", ctypes.c_char_p, pointer, pointer)
called_value = function("GetCalledValue", pointer, pointer)
constant = function("ConstInt", pointer, pointer, ctypes.c_ulonglong, ctypes.c_int)
replace = function("ReplaceAllUsesWith", None, pointer, pointer)
erase = function("InstructionEraseFromParent", None, pointer)
before = function("PositionBuilderBefore", None, pointer, pointer)
binary = {n: function("Build" + n, pointer, pointer, pointer, pointer, ctypes.c_char_p) for n in ("AShr", "Xor", "Sub", "UDiv", "URem")}


def walk(kind, parent):
    """The functions of a module, the blocks of a function, the instructions of a block."""
    item = function("GetFirst" + kind, pointer, pointer)(parent)
    following = function("GetNext" + kind, pointer, pointer)
    while item:
        yield item
        item = following(item)


context = function("ContextCreate", pointer)()
message, buffer, module = ctypes.c_char_p(), pointer(), pointer()
if function("CreateMemoryBufferWithContentsOfFile", ctypes.c_int, ctypes.c_char_p, pointer, pointer)(source.encode(), ctypes.byref(buffer), ctypes.byref(message)):
    sys.exit(f"{source}: {message.value.decode()}")
if function("ParseBitcodeInContext2", ctypes.c_int, pointer, pointer, pointer)(context, buffer, ctypes.byref(module)):
    sys.exit(f"{source}: no bitcode of this LLVM")
builder = function("CreateBuilderInContext", pointer, pointer)(context)


def build(name, x, y):
    return binary[name](builder, x, y, b"")


def lower(instruction):
    x, y = operand(instruction, 0), operand(instruction, 1)
    kind = type_of(x)
    before(builder, instruction)
    top = constant(kind, width(kind) - 1, 0)
    sx, sy = build("AShr", x, top), build("AShr", y, top)
    ax, ay = build("Sub", build("Xor", x, sx), sx), build("Sub", build("Xor", y, sy), sy)
    division = opcode(instruction) == SDIV
    sign = build("Xor", sx, sy) if division else sx
    result = build("UDiv" if division else "URem", ax, ay)
    replace(instruction, build("Sub", build("Xor", result, sign), sign))
    erase(instruction)


def from_float(instruction):
    called = name_of(called_value(instruction), ctypes.byref(ctypes.c_size_t())) if opcode(instruction) == CALL else b""
    return opcode(instruction) in (FP_TO_UI, FP_TO_SI) or called.startswith((b"llvm.fptoui", b"llvm.fptosi"))


for each in walk("Function", module):
    for block in walk("BasicBlock", each):
        for instruction in list(walk("Instruction", block)):
            if kind(type_of(instruction)) != INTEGER:
                continue
            if opcode(instruction) in (SDIV, SREM):
                lower(instruction)
            elif width(type_of(instruction)) > 64 and from_float(instruction):
                sys.exit(f"{name_of(each, ctypes.byref(ctypes.c_size_t())).decode()}: a conversion of a float to 128 bits, which has no sound code on sBPF")
if function("WriteBitcodeToFile", ctypes.c_int, pointer, ctypes.c_char_p)(module, target.encode()):
    sys.exit(f"{target}: cannot be written")
