@testable import ComponentsHTTP

/// Any target is a path or an error; no segment has a forbidden character; a path that is written again is the same.
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
        require(try RequestPath(target: written) == path, "a path that is written again is the same")
        require(try RequestPath(target: written + "?" + text) == path, "a query changes no path")
        // A reader that splits at slashes first, as nginx's locations do, finds as many segments.
        let raw = text.utf8.prefix { $0 != UInt8(ascii: "?") }
        require(
            path.segments.isEmpty ? raw.count == 1 : raw.count { $0 == UInt8(ascii: "/") } == path.segments.count,
            "every slash begins a segment")
        guard let (template, values) = router.match(path) else { return }
        let named = PathValues(names: template.parameters, values: values)
        require(
            template.path(Dictionary(uniqueKeysWithValues: template.parameters.map { ($0, named[$0]) })) == written,
            "a template filled with the values of a path is that path")
        require(template.segments.count == path.segments.count, "a template has as many segments as its paths")
    }
}

/// Templates of the forms that there are: literals, parameters, and both in the same place.
private let router: Router<PathTemplate> = {
    let templates: [PathTemplate] = [
        "/healthz", "/api/v1/tool/{tool}/config", "/api/v1/tool/{tool}/deploy",
        "/api/v1/tool/{tool}/deploy/{deploy-id}",
        "/api/v1/tool/{tool}/deploy/latest",
    ]
    var router = Router<PathTemplate>()
    // A table that is wrong would make every finding of the fuzzer worthless.
    for template in templates { require(router.add(template, template), "\(template) is there once") }
    return router
}()
