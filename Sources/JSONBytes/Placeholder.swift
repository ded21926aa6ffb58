enum JSONBytesPlaceholder {}
