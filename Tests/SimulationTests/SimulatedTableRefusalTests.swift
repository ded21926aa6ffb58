import SimulatedWorld
import Testing

@Suite struct SimulatedTableRefusalTests {
    private static let deep = String(repeating: "NOT ", count: 400) + "#x = :v"
    private static let many = "{" + (0..<65).map { ##""#n\##($0)":"n""## }.joined(separator: ",") + "}"

    @Test(
        "A wrong expression is refused before its condition is considered",
        arguments: [
            ("", ""), (" ", ""), ("ADD", ""), ("ADD #x", ""), ("ADD :v", ""), ("ADD #x #x", ""), ("ADD #x :v,", ""),
            ("ADD #x :v SET", ""), ("ADD #x = :v", ""), ("SET #x :v", ""), ("SET #x = #x", ""),
            ("SET #x = :v + :v", ""),
            ("SET #x = :v ADD #x :v", ""), ("ADD #x :v, #x :v", ""), ("ADD #x :v ADD #y :v", ""), ("DELETE #x :v", ""),
            ("REMOVE #x", ""), ("add #x :v", ""), ("ADD x :v", ""), ("ADD #z :v", ""), ("ADD #x :w", ""),
            ("ADD # :v", ""), ("ADD #x.#x :v", ""), ("ADD #x[0] :v", ""), ("ADD #x :v;", ""), ("ADD #x :v ü", ""),
            ("SET #x = :v", "#x"), ("SET #x = :v", "#x <"), ("SET #x = :v", "#x < < :v"), ("SET #x = :v", "#x == :v"),
            ("SET #x = :v", "(#x < :v"), ("SET #x = :v", "#x < :v)"), ("SET #x = :v", "#x < :v :v"),
            ("SET #x = :v", "#x < :v AND"), ("SET #x = :v", "#x < :v and #x < :v"), ("SET #x = :v", "AND #x < :v"),
            ("SET #x = :v", "()"), ("SET #x = :v", "((#x < :v))"), ("SET #x = :v", "NOT"),
            ("SET #x = :v", "size(:v) < :v"),
            ("SET #x = :v", "size(#x)"), ("SET #x = :v", "size #x < :v"), ("SET #x = :v", "attribute_not_exists(:v)"),
            ("SET #x = :v", "attribute_not_exists #x"), ("SET #x = :v", "attribute_not_exists(#x"),
            ("SET #x = :v", "attribute_missing(#x)"), ("SET #x = :v", "#x BETWEEN :v AND :v"), ("SET #x = :v", " "),
            ("SET #x = :v", deep), ("SET #x = :v", String(repeating: "(", count: 4000)),
            ("SET #x = :v", "#x = :v" + String(repeating: " ", count: 4096)),
        ])
    func refusesExpressions(expression: String, condition: String) {
        // The update would be refused for its condition anyway, if it were right.
        let call = TableSamples.update(expression, if: condition.isEmpty ? "attribute_exists(#x)" : condition)
        expectRefusal(call, "ValidationException")
    }

    @Test(
        "Names and values must be defined, used, and of the right types",
        arguments: [
            (##"{"#x":"x","#y":"y"}"##, #"{":v":{"N":"1"}}"#), (##"{"#x":"x"}"##, #"{":v":{"N":"1"},":w":{"N":"1"}}"#),
            ("{}", #"{":v":{"N":"1"}}"#), (##"{"#x":"x"}"##, "{}"), ("", #"{":v":{"N":"1"}}"#), (##"{"#x":"x"}"##, ""),
            (##"{"#x":"id"}"##, #"{":v":{"N":"1"}}"#), (##"{"#x":"x","y":"y"}"##, #"{":v":{"N":"1"}}"#),
            (##"{"#x":"x","#":"y"}"##, #"{":v":{"N":"1"}}"#), (##"{"#x":"x"}"##, #"{":v":{"N":"1"},"v":{"N":"1"}}"#),
            (##"{"#x":"x"}"##, #"{":v":{"S":"1"}}"#), (##"{"#x":"x"}"##, #"{":v":{"B":"AAEC"}}"#),
            (##"{"#x":"x"}"##, #"{":v":{}}"#), (##"{"#x":"x"}"##, #"{":v":{"N":"1","S":"1"}}"#),
            (##"{"#x":"x"}"##, #"{":v":{"N":""}}"#), (##"{"#x":"x"}"##, #"{":v":{"N":"-"}}"#),
            (##"{"#x":"x"}"##, #"{":v":{"N":"1.5"}}"#), (##"{"#x":"x"}"##, #"{":v":{"N":"1e5"}}"#),
            (##"{"#x":"x"}"##, #"{":v":{"N":"100000000000000000000000000000000000000"}}"#),
            (##"{"#x":"n"}"##, #"{":v":{"N":"99999999999999999999999999999999999999"}}"#),
            (##"{"#x":"x"}"##, #"{":v":{"SS":[]}}"#), (##"{"#x":"x"}"##, #"{":v":{"SS":["a","a"]}}"#),
            (##"{"#x":"x"}"##, #"{":v":{"BOOL":true}}"#), (##"{"#x":"x"}"##, #"{":v":{"M":{"a":{"N":"1"}}}}"#),
            (##"{"#x":"s"}"##, #"{":v":{"N":"1"}}"#), (##"{"#x":"n"}"##, #"{":v":{"SS":["1"]}}"#),
            (many, #"{":v":{"N":"1"}}"#),
        ])
    func refusesNamesAndValues(names: String, values: String) {
        expectRefusal(TableSamples.update("ADD #x :v", names: names, values: values), "ValidationException")
    }

    @Test("An update whose second part fails does nothing")
    func doesAllOrNothing() {
        let names = ##"{"#x":"x","#n":"n","#s":"s"}"##
        expectRefusal(TableSamples.update("ADD #x :v, #n :v, #s :v", names: names), "ValidationException")
    }

    @Test("A set isn't smaller than anything")
    func refusesOrderOfSets() {
        let call = TableSamples.update("SET #x = :v", if: "#x < :v", values: #"{":v":{"SS":["1"]}}"#)
        expectRefusal(call, "ValidationException")
    }

    @Test(
        "A call that isn't one of the program's is refused",
        arguments: [
            ("UpdateItem", "", "SerializationException"), ("UpdateItem", "[]", "SerializationException"),
            ("UpdateItem", "{", "SerializationException"), ("UpdateItem", "{} {}", "SerializationException"),
            ("UpdateItem", #"{"TableName":7}"#, "SerializationException"),
            ("GetItem", #"{"TableName":"t","Key":[]}"#, "SerializationException"),
            ("GetItem", #"{"TableName":"t","Key":{"id":{"S":7}}}"#, "SerializationException"),
            ("GetItem", #"{"TableName":"t","Key":{"id":{"S":"a"}},"ConsistentRead":"no"}"#, "SerializationException"),
            ("PutItem", #"{"TableName":"t","Item":{"id":{"S":"a"},"b":{"B":"AA"}}}"#, "SerializationException"),
            ("PutItem", #"{"TableName":"t","Item":{"id":{"S":"a"},"s":{"SS":["a",7]}}}"#, "SerializationException"),
            ("UpdateItem", "{}", "ValidationException"), ("GetItem", #"{"TableName":"t"}"#, "ValidationException"),
            ("GetItem", #"{"Key":{"id":{"S":"a"}}}"#, "ValidationException"),
            ("GetItem", #"{"TableName":"t","Key":{"id":{"N":"7"}}}"#, "ValidationException"),
            ("GetItem", #"{"TableName":"t","Key":{"id":{"S":""}}}"#, "ValidationException"),
            ("GetItem", #"{"TableName":"t","Key":{"key":{"S":"a"}}}"#, "ValidationException"),
            ("GetItem", #"{"TableName":"t","Key":{"id":{"S":"a"},"b":{"S":"b"}}}"#, "ValidationException"),
            ("GetItem", #"{"TableName":"t","Item":{"id":{"S":"a"}}}"#, "ValidationException"),
            (
                "DeleteItem", #"{"TableName":"t","Key":{"id":{"S":"a"}},"ReturnValues":"ALL_OLD"}"#,
                "ValidationException"
            ),
            ("PutItem", #"{"TableName":"t","Item":{"n":{"N":"7"}}}"#, "ValidationException"),
            ("Scan", #"{"TableName":"t"}"#, "UnknownOperationException"),
        ])
    func refusesCalls(operation: String, body: String, error: String) { expectRefusal(body, error, operation) }

    @Test("An item of more than 400 KB is refused", arguments: [409_594, 409_595])
    func boundsItems(count: Int) {
        var table = SimulatedTable()
        let item = #"{"id":{"S":"abc"},"t":{"S":"\#(String(repeating: "x", count: count))"}}"#
        let answer = TableSamples.call(&table, "PutItem", #"{"TableName":"t","Item":\#(item)}"#)
        #expect(answer.hasPrefix(count == 409_594 ? "200" : "400"))
    }

    @Test("A damaged call is answered, whatever the damage")
    func survivesDamage() {
        let condition = "(attribute_not_exists(#x) OR size(#x) < :v) AND NOT #x = :v"
        let call = Array(TableSamples.update("ADD #x :v", if: condition, #","ReturnValues":"ALL_NEW""#).utf8)
        var table = TableSamples.table()
        for index in call.indices {
            for damage in [[], [call[index], call[index]]] + #"" {}[]():#,\\a0="#.utf8.map({ [$0] }) {
                var damaged = call
                damaged.replaceSubrange(index...index, with: damage)
                #expect([200, 400].contains(table.answer("UpdateItem", damaged).status))
            }
        }
    }

    @Test(
        "The errors that the simulated world injects have DynamoDB's statuses",
        arguments: [
            ("ThrottlingException", 400), ("ProvisionedThroughputExceededException", 400), ("InternalServerError", 500),
        ])
    func makesErrors(name: String, status: Int) {
        #expect(SimulatedTable.status(ofError: name) == status)
        #expect(String(decoding: SimulatedTable.error(name), as: UTF8.self).contains("#\(name)\""))
    }

    /// Expects that a call is refused with this error, and changes nothing.
    private func expectRefusal(_ body: String, _ error: String, _ operation: String = "UpdateItem") {
        var table = TableSamples.table()
        let answer = TableSamples.call(&table, operation, body)
        #expect(answer.hasPrefix("400 ") && answer.contains("#\(error)\""), "\(answer)")
        #expect(table.itemIDs == ["a"])
        #expect(table.number("n", of: "a") == 5 && table.number("x", of: "a") == nil)
        #expect(table.texts("s", of: "a") == ["1", "2"] && table.texts("x", of: "a") == nil)
    }
}
