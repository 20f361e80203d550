extension Sequence where Self: Sendable, Element: Sendable {
    /// Does something with all elements, at most `width` at the same time.
    func concurrentForEach(width: Int, _ body: @escaping @Sendable (Element) async -> Void) async {
        await withTaskGroup(of: Void.self) { group in
            var running = 0
            for element in self {
                if running == width {
                    await group.next()
                    running -= 1
                }
                group.addTask { await body(element) }
                running += 1
            }
        }
    }

    /// Transforms all elements at the same time, and waits for all of them even if one fails.
    ///
    /// - Returns: the results in the order of the elements.
    func concurrentMap<Output: Sendable>(
        _ transform: @escaping @Sendable (Element) async throws(ClusterFailure) -> Output
    ) async -> [Result<Output, ClusterFailure>] {
        await withTaskGroup { group in
            for (index, element) in enumerated() {
                group.addTask {
                    do throws(ClusterFailure) {
                        return (index, Result<Output, ClusterFailure>.success(try await transform(element)))
                    } catch {
                        return (index, Result<Output, ClusterFailure>.failure(error))
                    }
                }
            }
            var results: [(Int, Result<Output, ClusterFailure>)] = []
            for await result in group { results.append(result) }
            return results.sorted { $0.0 < $1.0 }.map(\.1)
        }
    }
}
