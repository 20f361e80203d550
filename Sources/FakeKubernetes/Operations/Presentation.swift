/// How an answer shows objects: whole, as metadata alone, or as a table.
struct Presentation: Sendable {
    let operation: Operation

    init(_ operation: Operation) { self.operation = operation }

    func object(_ object: StoredObject) -> Value { operation.presented(object) }
}
