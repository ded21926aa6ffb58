/// Usage that couldn't be counted when a request had ended.
struct UncountedUsage {
    let error: StoreError
    /// Tokens and costs that are added later, with the next call for their counters.
    let owed: Usage
}
