//! How much room a disk has left.

use std::path::Path;

use nix::sys::statvfs::statvfs;

/// Bytes of the file system a folder is on.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Room {
    /// For us, without what is kept for root.
    pub free: u64,
    pub total: u64,
}

/// The room where `path` is; none when that cannot be known. Blocking: a disk may be slow.
pub fn room(path: &Path) -> Option<Room> {
    let found = statvfs(path).ok()?;
    let bytes = |blocks: u64| blocks.saturating_mul(found.fragment_size());
    Some(Room { free: bytes(found.blocks_available()), total: bytes(found.blocks()) })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_folder_has_room_and_none_is_none() {
        let here = room(Path::new("/")).unwrap();
        assert!(here.total > 0 && here.free <= here.total);
        assert_eq!(room(Path::new("/no such folder")), None);
    }
}
