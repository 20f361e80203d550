/// Who wrote which field of an object.
enum ManagedFields {
    /// The `managedFields` of an object after a change, or `nil` to leave them as they are.
    static func note(change new: Value, from old: Value?, _ operation: Operation) -> Value? {
        nil
    }
}
