"""Out: files made of what is held: mp3, XML, zip, xlsx. Nothing leaves unrecorded."""
