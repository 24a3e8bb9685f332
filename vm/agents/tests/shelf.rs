//! Traces on a shelf: what was published is found by its root, by files and over HTTP; what is not a trace is not.
use std::fs;
use std::io::{Read, Write};
use std::net::TcpListener;
use std::path::{Path, PathBuf};

use hmm_agents::shelf::Shelf;
use hmm_agents::{TraceSource, Work, judge};
use hmm_attest::Hash;

fn folder(test: &str) -> PathBuf {
    let folder = Path::new(env!("CARGO_TARGET_TMPDIR")).join("shelf").join(test);
    let _ = fs::remove_dir_all(&folder);
    folder
}
fn file(folder: &Path, root: &Hash) -> PathBuf {
    folder.join(root.iter().map(|byte| format!("{byte:02x}")).collect::<String>() + ".trace")
}

#[test]
fn what_was_published_is_found() {
    let folder = folder("folder");
    let shelf = Shelf::new(folder.to_str().unwrap());
    let works = [0, 3, 10].map(|depth| Work::run([1; 32], [2; 32], depth).unwrap());
    assert!(shelf.find(&works[0].claim().trace_root).is_none());
    for work in &works {
        shelf.publish(work).unwrap();
        shelf.publish(work).unwrap();
        let found = shelf.find(&work.claim().trace_root).unwrap();
        assert_eq!(TraceSource::open(&found, 0), work.open(0).ok());
        assert_eq!(judge(work.claim(), &found, &[3; 32], 10).unwrap().withheld, None);
    }
    assert_eq!(fs::read_dir(&folder).unwrap().count(), 3);
    // too long, not a trace, or somebody else's
    let root = works[1].claim().trace_root;
    for bytes in [vec![0; (32 << 10) + 32], vec![0; 33], vec![]] {
        fs::write(file(&folder, &root), bytes).unwrap();
        assert!(shelf.find(&root).is_none());
    }
    fs::write(file(&folder, &root), works[0].publish()).unwrap();
    let found = judge(works[1].claim(), &shelf.find(&root).unwrap(), &[3; 32], 10).unwrap();
    assert_eq!((found.score, found.withheld), (10_000, Some(0)));
}

/// One request over HTTP, answered with these bytes.
fn serve(answer: Vec<u8>) -> (String, std::thread::JoinHandle<String>) {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let url = format!("http://{}/traces/", listener.local_addr().unwrap());
    let served = std::thread::spawn(move || {
        let (mut stream, _) = listener.accept().unwrap();
        let mut request = [0; 4096];
        let length = stream.read(&mut request).unwrap();
        let _ = stream.write_all(&answer);
        String::from_utf8_lossy(&request[..length]).lines().next().unwrap().to_owned()
    });
    (url, served)
}

fn http(status: &str, body: &[u8]) -> Vec<u8> {
    [format!("HTTP/1.1 {status}\r\nContent-Length: {}\r\nConnection: close\r\n\r\n", body.len()).as_bytes(), body].concat()
}

#[test]
fn traces_are_found_over_http() {
    let work = Work::run([1; 32], [2; 32], 4).unwrap();
    let root = work.claim().trace_root;
    let (url, served) = serve(http("200 OK", &work.publish()));
    let found = Shelf::new(&url).find(&root).unwrap();
    assert_eq!(TraceSource::open(&found, 5), work.open(5).ok());
    let name = file(Path::new(""), &root);
    assert_eq!(served.join().unwrap(), format!("GET /traces/{} HTTP/1.1", name.display()));
    for answer in
        [http("404 Not Found", &work.publish()), http("200 OK", b"no trace"), http("200 OK", &vec![0; 1 << 20]), b"nonsense".to_vec()]
    {
        let (url, served) = serve(answer);
        assert!(Shelf::new(&url).find(&root).is_none());
        served.join().unwrap();
    }
    // nobody there
    assert!(Shelf::new("http://127.0.0.1:1/").find(&root).is_none());
    assert!(Shelf::new("http://127.0.0.1:1/").publish(&work).is_err());
}
