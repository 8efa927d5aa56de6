//! An app on a throw-away database, called in process as an admin: for the tests of the resources.
