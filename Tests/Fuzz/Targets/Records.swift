@testable import FastCGI

/// The actions do not depend on how the bytes are split; a request that is let through is valid, also if written again.
@_cdecl("LLVMFuzzerTestOneInput")
public func target(_ data: UnsafePointer<UInt8>?, _ count: Int) -> CInt {
    fuzz(data, count) { bytes in
        // The first byte chooses how the rest is split.
        guard let cut = bytes.first else { return }
        let stream = Array(bytes.dropFirst())
        let limits = RecordGuard.Limits(parameterBytes: 2_000, parameterCount: 20, bodyBytes: 500, inputBytes: 20_000)
        let whole = actions(stream, limits: limits) { $0 }
        var state = cut
        let pieces = actions(stream, limits: limits) { left in
            state = state &* 37 &+ 11
            return min(left, Int(state % 61) + 1)
        }
        require(whole == pieces, "the same actions however the bytes are cut")
        require(whole == actions(stream, limits: limits) { _ in 1 }, "also byte by byte")
        for case .request(let request) in whole {
            require(request.id != 0, "a request has an id")
            require(request.parameters.count <= limits.parameterBytes, "parameters are within their limit")
            require(
                request.body.count == (request.bodyLength <= limits.bodyBytes ? request.bodyLength : 0),
                "a body is kept whole or not at all")
            var rewritten = request
            rewritten.bodyLength = request.body.count
            require(
                actions(request.stream, limits: limits) { $0 } == [.request(rewritten)],
                "a request that is written again is the same")
        }
    }
}

/// The actions for a stream that arrives in pieces of the sizes that `next` returns.
private func actions(
    _ stream: [UInt8], limits: RecordGuard.Limits, next: (_ left: Int) -> Int
) -> [RecordGuard.Action] {
    var records = RecordGuard(limits: limits)
    var actions: [RecordGuard.Action] = []
    var rest = stream[...]
    while !rest.isEmpty {
        var piece = rest.prefix(next(rest.count))
        rest = rest[piece.endIndex...]
        loop: while true {
            let action = records.consume(&piece)
            switch action {
            case .read: break loop
            case .close, .request: return actions + [action]
            case .reply: actions.append(action)
            }
        }
        require(piece.isEmpty, "a guard that reads on has taken every byte")
    }
    return actions
}
