import Components

@testable import ComponentsHTTP

/// Any target is a path or an error; what a segment of a path may not hold is in none; the path written anew is the same.
@_cdecl("LLVMFuzzerTestOneInput")
public func target(_ data: UnsafePointer<UInt8>?, _ count: Int) -> CInt {
    fuzz(data, count) { bytes in
        let text = String(decoding: bytes, as: UTF8.self)
        guard let path = try? RequestPath(target: text) else { return }
        for segment in path.segments {
            require(!segment.isEmpty && segment != "." && segment != "..", "a segment leads nowhere else")
            require(!segment.utf8.contains { "/\\".utf8.contains($0) }, "a segment holds no delimiter")
            require(
                segment.unicodeScalars.allSatisfy { $0.value >= 0x20 && !(0x7F..<0xA0).contains($0.value) },
                "a segment holds no control character")
        }
        let written = "/" + path.segments.map(\.percentEncodedSegment).joined(separator: "/")
        require(try RequestPath(target: written) == path, "a path written anew is the same path")
        require(try RequestPath(target: written + "?" + text) == path, "a query changes no path")
        // Whoever splits at slashes first, as nginx's locations do, sees as many segments.
        let raw = text.utf8.prefix { $0 != UInt8(ascii: "?") }
        require(
            path.segments.isEmpty ? raw.count == 1 : raw.count { $0 == UInt8(ascii: "/") } == path.segments.count,
            "every slash begins a segment")
        guard let route = try? Route(path) else { return }
        require(route == (try Route(RequestPath(target: written))), "the same path has the same route")
        guard let tool = route.tool else {
            require(path.segments.count == 1, "only what is not a tool's needs no identity")
            return
        }
        require(path.segments[0...3] == ["api", "v1", "tool", tool.value], "the tool is the path's")
        require(ToolName(tool.value) == tool, "a tool's name is one")
    }
}
