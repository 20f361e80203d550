/// Why a patch did not work.
enum PatchError: Error, Equatable {
    /// It is no patch: 400 `BadRequest` with this message.
    case malformed(String)
    /// More operations than the server takes: 413 with this message.
    case tooLarge(String)
    /// It does not fit the object: a test failed, or a path leads nowhere. The real server tells nobody which
    /// operation it was: 422 `Invalid`, `the server rejected our request due to an error in our request`.
    case inapplicable
}
