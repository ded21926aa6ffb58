import Proxy
import Transport

extension Server {
    mutating func readTimes(_ section: inout Section) throws(ConfigurationError) {
        let total = try section.milliseconds("timeout")
        limits.total = total ?? limits.total
        // A `timeout` whose variable is missing isn't known, so nothing can be too long for it.
        let longest = total ?? (section.node("timeout") == nil ? limits.total : nil)
        limits.connect = try section.part("connect_timeout", of: longest) ?? limits.connect
        limits.firstByte = try section.part("ttft_timeout", of: longest) ?? limits.firstByte
        limits.idle = try section.part("stream_idle_timeout", of: longest) ?? limits.idle
        guard let silence = try section.milliseconds("keepalive_seconds", from: 0.01, orZero: true) else { return }
        limits.silence = silence == 0 ? nil : silence
    }
}

extension Section {
    /// A limit for a part of the exchange. Only what the owner has written is held against the whole: a default that is
    /// longer does no harm.
    fileprivate mutating func part(_ key: String, of total: Int?) throws(ConfigurationError) -> Int? {
        let part = try milliseconds(key)
        guard let part, let total, part > total else { return part }
        throw error(key, "is longer than the server's 'timeout' of \(total.asSeconds) s; lower it or raise 'timeout'")
    }
}
