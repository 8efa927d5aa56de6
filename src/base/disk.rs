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

/// The room of the database below this folder of data, or of the folder: the cluster may be on another disk than the
/// folder it is linked from. Blocking, as [`room`] is.
pub fn room_of_data(data: &Path) -> Option<Room> {
    room(&data.join("postgres")).or_else(|| room(data))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_folder_has_room_and_none_is_none() {
        let here = room(Path::new("/")).unwrap();
        assert!(here.total > 0 && here.free <= here.total);
        assert_eq!(room(Path::new("/no such folder")), None);
        assert!(room_of_data(Path::new("/")).is_some(), "the folder itself, without a cluster in it");
    }
}
