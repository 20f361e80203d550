extension Sequence where Self: Sendable, Element: Sendable {
    /// Does the same with every element, all at the same time, and waits for all of them even if one fails.
    ///
    /// - Returns: what came of each, in the order of the elements.
    func concurrentMap<Output: Sendable>(
        _ transform: @escaping @Sendable (Element) async throws(StoreError) -> Output
    ) async -> [Result<Output, StoreError>] {
        await withTaskGroup { group in
            for (index, element) in enumerated() {
                group.addTask {
                    do throws(StoreError) {
                        return (index, Result<Output, StoreError>.success(try await transform(element)))
                    } catch {
                        return (index, Result<Output, StoreError>.failure(error))
                    }
                }
            }
            var results: [(Int, Result<Output, StoreError>)] = []
            for await result in group { results.append(result) }
            return results.sorted { $0.0 < $1.0 }.map(\.1)
        }
    }
}
