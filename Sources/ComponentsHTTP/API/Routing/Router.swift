/// Which template a path belongs to.
///
/// The rules are few, so that what a path means can be seen from the templates alone:
///
/// 1. A path is matched segment by segment, after it was decoded, and byte by byte: no case is folded, nothing is
///    normalised, and a parameter is one whole segment.
/// 2. A literal segment wins over a parameter in the same place. Where the rest of the path fits no template behind the
///    literal, the parameter is tried: of `/deploy/latest` and `/deploy/{id}/log`, the path `/deploy/latest/log` is the
///    second.
/// 3. Two templates that differ only in the names of their parameters are the same one: it cannot be added twice.
struct Router<Destination: Sendable>: Sendable {
    private var root = Node()

    private struct Node: Sendable {
        var literals: [(text: String, node: Node)] = []
        // None or one: an array, because a struct cannot hold itself.
        var parameter: [Node] = []
        var destination: Destination?
    }

    /// Adds a template.
    ///
    /// - Returns: whether there was none of this form before; otherwise nothing is changed.
    mutating func add(_ template: PathTemplate, _ destination: Destination) -> Bool {
        Self.add(ArraySlice(template.segments), destination, to: &root)
    }

    private static func add(
        _ segments: ArraySlice<PathTemplate.Segment>, _ destination: Destination, to node: inout Node
    ) -> Bool {
        switch segments.first {
        case nil:
            guard node.destination == nil else { return false }
            node.destination = destination
            return true
        case .literal(let text):
            if let index = node.literals.firstIndex(where: { $0.text == text }) {
                return add(segments.dropFirst(), destination, to: &node.literals[index].node)
            }
            node.literals.append((text, Node()))
            return add(segments.dropFirst(), destination, to: &node.literals[node.literals.count - 1].node)
        case .parameter:
            if node.parameter.isEmpty { node.parameter = [Node()] }
            return add(segments.dropFirst(), destination, to: &node.parameter[0])
        }
    }

    /// Where a path leads, and what stands in the places of the parameters; `nil` if no template fits.
    func match(_ path: RequestPath) -> (destination: Destination, values: [String])? {
        var values: [String] = []
        return Self.match(ArraySlice(path.segments), from: root, &values).map { ($0, values) }
    }

    private static func match(
        _ segments: ArraySlice<String>, from node: Node, _ values: inout [String]
    ) -> Destination? {
        guard let segment = segments.first else { return node.destination }
        let rest = segments.dropFirst()
        if let literal = node.literals.first(where: { $0.text.utf8.elementsEqual(segment.utf8) }),
            let found = match(rest, from: literal.node, &values)
        {
            return found
        }
        guard let next = node.parameter.first else { return nil }
        let count = values.count
        values.append(segment)
        guard let found = match(rest, from: next, &values) else {
            values.removeSubrange(count...)
            return nil
        }
        return found
    }
}
