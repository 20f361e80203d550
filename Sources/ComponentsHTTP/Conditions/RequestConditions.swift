import Components
import HTTPTypes

/// The preconditions of a request (RFC 9110, section 13.1).
///
/// Dates are not among them, because no response has a `Last-Modified`: `If-Modified-Since` is ignored, and
/// `If-Unmodified-Since` is refused (see `Admission`).
struct RequestConditions: Equatable {
    /// The versions of which one must be stored.
    let match: EntityTagList?
    /// The versions of which none may be stored.
    let noneMatch: EntityTagList?

    /// Reads the fields of a request.
    init(_ head: HTTPRequest) throws(RequestFault) {
        match = try Self.list(.ifMatch, of: head)
        noneMatch = try Self.list(.ifNoneMatch, of: head)
    }

    private static func list(_ name: HTTPField.Name, of head: HTTPRequest) throws(RequestFault) -> EntityTagList? {
        // Several fields of one name are one list (section 5.3).
        guard let value = head.headerFields[name] else { return nil }
        guard let list = EntityTagList(value) else { throw .invalidCondition(name, value) }
        return list
    }

    /// The condition on which the stored config is replaced.
    ///
    /// A tag of either format names the version. Weak tags in `If-Match` match nothing, because it compares strongly.
    var precondition: ConfigPrecondition {
        ConfigPrecondition(
            match: Self.versions(match) { !$0.isWeak }, noneMatch: Self.versions(noneMatch) { _ in true })
    }

    private static func versions(
        _ list: EntityTagList?, where isMeant: (EntityTag) -> Bool
    ) -> ConfigPrecondition.Versions? {
        switch list {
        case nil: nil
        case .any: .any
        case .tags(let tags): .listed(tags.filter(isMeant).map(\.version))
        }
    }

    /// Refuses an `If-Match` that has an altered tag, after none of its tags has matched.
    ///
    /// The usual message, that the config was changed, would be wrong for every further attempt too.
    func refuseAlteredTag() throws(RequestFault) {
        guard case .tags(let tags)? = match else { return }
        for tag in tags {
            if let unaltered = tag.unaltered {
                throw .alteredTag(tag.text, isWeak: tag.isWeak, unaltered: unaltered.text)
            }
        }
    }

    /// Whether the client already has this representation.
    func isNotModified(_ tag: EntityTag) -> Bool {
        switch noneMatch {
        case nil: false
        case .any: true
        case .tags(let tags): tags.contains { $0.isWeaklyEqual(to: tag) }
        }
    }
}

extension IdempotencyKey {
    /// The `Idempotency-Key` of a request, or `nil` if it has none.
    ///
    /// - Throws: `RequestFault.invalidKey` for a key that is not valid, and for several: the client relies on its key, so it
    ///   must not be ignored.
    static func key(of head: HTTPRequest) throws(RequestFault) -> IdempotencyKey? {
        let values = head.headerFields[values: .idempotencyKey]
        guard let value = values.first else { return nil }
        guard values.count == 1, let key = IdempotencyKey(value) else {
            throw .invalidKey(values.joined(separator: ", "))
        }
        return key
    }
}
