/// Why a selector cannot be read: 400 `BadRequest` with this message, in the words of the real server.
struct SelectorError: Error, Equatable {
    let message: String
}
