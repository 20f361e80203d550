import Components
import HTTPTypes

/// What a request makes itself depend on (RFC 9110, section 13.1).
///
/// Nothing is said here of dates, because no response has a `Last-Modified`: `If-Modified-Since` is ignored, and
/// `If-Unmodified-Since`, on which a client would rely in vain, is refused (see `Admission`).
struct RequestConditions: Equatable {
    /// What must be there.
    let match: EntityTagList?
    /// What must not.
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

    /// What must hold of the stored config for it to be replaced.
    ///
    /// The tags of either format name the version. Of `If-Match` those that are weak match nothing: it compares strongly.
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

    /// Refuses `If-Match` with an altered tag where none of its tags matched.
    ///
    /// "It was changed since" would be untrue, for ever.
    func refuseAlteredTag() throws(RequestFault) {
        guard case .tags(let tags)? = match else { return }
        for tag in tags {
            if let unaltered = tag.unaltered {
                throw .alteredTag(tag.text, isWeak: tag.isWeak, unaltered: unaltered.text)
            }
        }
    }

    /// Whether whoever asks has this representation already.
    func isNotModified(_ tag: EntityTag) -> Bool {
        switch noneMatch {
        case nil: false
        case .any: true
        case .tags(let tags): tags.contains { $0.isWeaklyEqual(to: tag) }
        }
    }
}
