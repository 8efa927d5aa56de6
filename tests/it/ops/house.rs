//! The files around the program that nothing else would miss until they are needed.

use std::os::unix::fs::PermissionsExt;
use std::path::Path;

fn read(name: &str) -> String {
    std::fs::read_to_string(Path::new(env!("CARGO_MANIFEST_DIR")).join(name)).unwrap_or_else(|e| panic!("{name}: {e}"))
}

#[test]
fn scripts_can_be_run() {
    for name in [".ci/run", "scripts/install-missing", "scripts/stop-test-cluster", "scripts/with-database"] {
        assert!(read(name).starts_with("#!/usr/bin/env bash\n"), "{name}");
        let mode = Path::new(env!("CARGO_MANIFEST_DIR")).join(name).metadata().unwrap().permissions().mode();
        assert_eq!(mode & 0o111, 0o111, "{name} is not executable");
    }
}

#[test]
fn the_image_and_the_toolchain_file_name_the_same_compiler() {
    let toolchain = read("rust-toolchain.toml");
    let version = toolchain.split('"').nth(1).unwrap();
    let short = version.rsplit_once('.').unwrap().0;
    assert!(read("Dockerfile").contains(&format!("rust:{short}")), "Dockerfile does not build with {version}");
}
