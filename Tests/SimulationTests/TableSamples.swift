import SimulatedWorld
import Testing

enum TableSamples {
    /// Calls the table once.
    /// - Returns: the status and the body.
    static func call(_ table: inout SimulatedTable, _ operation: String, _ body: String) -> String {
        let (status, answer) = table.answer(operation, Array(body.utf8))
        return "\(status) \(String(decoding: answer, as: UTF8.self))"
    }

    /// The members of an update of the item `a`.
    static func update(
        _ expression: String, if condition: String = "", names: String = ##"{"#x":"x"}"##,
        values: String = #"{":v":{"N":"1"}}"#, _ more: String = ""
    ) -> String {
        let condition = condition.isEmpty ? "" : #","ConditionExpression":"\#(condition)""#
        return #"{"TableName":"t","Key":{"id":{"S":"a"}},"UpdateExpression":"\#(expression)"\#(condition)"#
            + (names.isEmpty ? "" : #","ExpressionAttributeNames":\#(names)"#)
            + (values.isEmpty ? "" : #","ExpressionAttributeValues":\#(values)"#) + more + "}"
    }

    /// A table whose item `a` has the number 5, the set 1, 2 and the text `t`.
    static func table() -> SimulatedTable {
        var table = SimulatedTable()
        let item = #"{"id":{"S":"a"},"n":{"N":"5"},"s":{"SS":["1","2"]},"t":{"S":"t"},"b":{"B":"AAEC"}}"#
        #expect(call(&table, "PutItem", #"{"TableName":"t","Item":\#(item)}"#) == "200 {}")
        return table
    }
}
