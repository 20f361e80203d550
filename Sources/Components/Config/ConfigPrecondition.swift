/// What must hold of the stored config for another to take its place.
public struct ConfigPrecondition: Sendable, Equatable {
    /// Some of the versions that a config may have.
    public enum Versions: Sendable, Equatable {
        /// Whichever is stored.
        case any
        /// These, and no other.
        case listed([String])

        fileprivate func contains(_ version: String) -> Bool {
            switch self {
            case .any: true
            case .listed(let versions): versions.contains(version)
            }
        }
    }

    /// What is stored must be one of these; `nil` asks for nothing.
    public var match: Versions?
    /// What is stored, if anything is, must be none of these; `nil` asks for nothing.
    public var noneMatch: Versions?

    /// A precondition of both parts.
    public init(match: Versions? = nil, noneMatch: Versions? = nil) {
        self.match = match
        self.noneMatch = noneMatch
    }

    /// Holds whatever is stored.
    public static let none = ConfigPrecondition()

    /// Why it does not hold while that version is stored (`nil`: none is), or `nil` if it holds.
    ///
    /// `match` decides before `noneMatch`, as RFC 9110 has it (section 13.2.2).
    public func failure(for version: String?) -> FailedPrecondition? {
        if let match {
            guard let version else { return .missing }
            guard match.contains(version) else { return .changed }
        }
        if let noneMatch, let version, noneMatch.contains(version) { return .present }
        return nil
    }
}

/// Why a config did not take the place of the stored one.
public enum FailedPrecondition: Sendable, Hashable, CaseIterable {
    /// Another version is stored than the one that was to be replaced.
    case changed
    /// None is stored, though one was to be replaced.
    case missing
    /// One is stored that was not to be replaced.
    case present
}
