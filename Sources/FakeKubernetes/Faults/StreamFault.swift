/// A fault within a stream: the events of a watch, or the lines of a log that is followed.
struct StreamFault: Sendable, Equatable {
    enum Kind: Sendable, Equatable {
        /// The connection is closed without a last chunk.
        case cut
        /// Nothing more comes, and the connection stays open.
        case hang
        /// The stream ends as a complete one does.
        case end
        /// The next piece is garbled; those after it are not.
        case garble(Garbling)
        /// An `ERROR` event with this `Status`, or the `Status` as a line of a log; then the stream ends.
        case status(StatusError)
    }

    /// How many pieces are sent as they are.
    let pieces: Int
    let kind: Kind

    /// Reads an action such as `{"drop": "after", "pieces": 2}`; beside `pieces` stands one of `drop`, `hang`, `end`, `garble`
    /// and `status`.
    init(_ value: Value) throws(StatusError) {
        guard let pieces = value["pieces"]?.int, pieces >= 0 else {
            throw .badRequest("pieces must be a number of 0 or more: \(value.text)")
        }
        self.pieces = Int(pieces)
        if let code = value["status"]?.int {
            kind = .status(
                StatusError(
                    code: Int(code), reason: value["reason"]?.string, message: value["message"]?.string ?? "a fault"))
        } else if let garbling = value["garble"]?.string.flatMap(Garbling.init(rawValue:)) {
            kind = .garble(garbling)
        } else if value["drop"] != nil {
            kind = .cut
        } else if value["hang"] != nil {
            kind = .hang
        } else if value["end"] != nil {
            kind = .end
        } else {
            throw .badRequest("this is not a fault within a stream: \(value.text)")
        }
    }

    /// Its name in the journal.
    var label: String {
        let name =
            switch kind {
            case .cut: "drop"
            case .hang: "hang"
            case .end: "end"
            case .garble(let garbling): "garble \(garbling.rawValue)"
            case .status(let error): "status \(error.code)"
            }
        return "\(name) after \(pieces) pieces"
    }
}

extension ResponseStream {
    /// How a stream with a fault ends.
    enum End: Sendable {
        case complete, cut, hang
    }

    /// Passes on every piece, with a fault among them.
    func forEachPiece(with fault: StreamFault?, _ body: ([UInt8]) async throws -> Void) async throws -> End {
        guard let fault else {
            try await forEachPiece(body)
            return .complete
        }
        // A fault may come before the first piece, which itself may never come.
        if fault.pieces == 0, let end = try await strike(fault, nil, body) { return end }
        var sent = 0
        var end = End.complete
        do {
            try await forEachPiece { piece in
                if sent == fault.pieces, case .garble = fault.kind {
                    _ = try await strike(fault, piece, body)
                } else {
                    try await body(piece)
                }
                sent += 1
                if sent == fault.pieces, let early = try await strike(fault, nil, body) {
                    end = early
                    throw Stop()
                }
            }
        } catch is Stop {}
        return end
    }

    /// Carries the fault out.
    ///
    /// - Parameter piece: The piece that is garbled.
    /// - Returns: How the stream ends; `nil` if it continues.
    private func strike(
        _ fault: StreamFault, _ piece: [UInt8]?, _ body: ([UInt8]) async throws -> Void
    ) async throws -> End? {
        switch fault.kind {
        case .cut: return .cut
        case .hang: return .hang
        case .end: return .complete
        case .garble(let garbling):
            if let piece { try await body(garbling.garbled(piece: piece)) }
            return nil
        case .status(let error):
            switch self {
            case .watch: try await body(Value.object(["type": "ERROR", "object": error.value]).serialized() + [0x0A])
            case .log: try await body(error.value.serialized() + [0x0A])
            }
            return .complete
        }
    }

    private struct Stop: Error {}
}
