import Files
import Foundation
import Speech

/// Stretches of recordings to be told apart, with what they are: lines of a ZeroSpeech item file, or made from
/// alignments.
public struct ABXItems: Sendable {
    public struct Item: Equatable, Sendable {
        public let recording: ByteString
        public let onset: DecimalTime
        public let offset: DecimalTime
        /// For each column the number of the value (`values`).
        public let labels: [Int32]
        /// In the file, from 1.
        public let line: Int
    }

    /// Of the file, or what the items were made from.
    public let path: String
    /// Names of what items are: `#phone`, `prev-phone`, `next-phone`, `speaker`.
    public let columns: [String]
    public private(set) var items: [Item] = []
    /// The distinct values of each column.
    public private(set) var values: [[String]]
    private var numbers: [[String: Int32]]

    /// - Parameter columns: beyond recording, onset and offset.
    public init(path: String, columns: [String]) {
        (self.path, self.columns) = (path, columns)
        values = columns.map { _ in [] }
        numbers = columns.map { _ in [:] }
    }

    /// - Precondition: a label for each column.
    public mutating func add(
        recording: ByteString, onset: DecimalTime, offset: DecimalTime, labels: [String], line: Int = 0
    ) {
        precondition(labels.count == columns.count, "\(labels.count) labels for \(columns.count) columns")
        let numbers = labels.enumerated().map { column, label in
            if let known = self.numbers[column][label] { return known }
            let number = Int32(values[column].count)
            values[column].append(label)
            self.numbers[column][label] = number
            return number
        }
        items.append(Item(recording: recording, onset: onset, offset: offset, labels: numbers, line: line))
    }

    /// The number of a column.
    /// - Throws: `EvaluationError` where there is none.
    public func column(_ name: String) throws(EvaluationError) -> Int {
        guard let column = columns.firstIndex(of: name) else { throw .noColumn(path: path, name: name) }
        return column
    }

    /// Reads an item file: a line that names the columns, `#file onset offset` first, then a line for each item, fields
    /// between white space.
    /// - Throws: `FileError` where the file cannot be read, `EvaluationError` that names the line.
    public init(path: String) throws {
        let file = try InputFile(path: path)
        let text = String(decoding: try file.bytes(0..<file.count), as: UTF8.self)
        let lines = text.split(omittingEmptySubsequences: false) { $0 == "\n" || $0 == "\r\n" }.enumerated()
            .map { (number: $0 + 1, fields: $1.split { $0 == " " || $0 == "\t" }.map(String.init)) }
            .filter { !$0.fields.isEmpty }
        guard let header = lines.first?.fields, lines.count > 1 else {
            throw EvaluationError.noItems(path: path)
        }
        guard header.count > 3 else {
            throw EvaluationError.item(path: path, line: 1, .fields(header.count, expected: 4))
        }
        self.init(path: path, columns: Array(header[3...]))
        for (number, fields) in lines.dropFirst() {
            guard fields.count == header.count else {
                throw EvaluationError.item(
                    path: path, line: number, .fields(fields.count, expected: header.count))
            }
            guard let onset = DecimalTime(fields[1]) else {
                throw EvaluationError.item(path: path, line: number, .time(fields[1]))
            }
            guard let offset = DecimalTime(fields[2]) else {
                throw EvaluationError.item(path: path, line: number, .time(fields[2]))
            }
            guard onset.seconds <= offset.seconds else {
                throw EvaluationError.item(path: path, line: number, .backwards)
            }
            add(
                recording: ByteString(fields[0]), onset: onset, offset: offset, labels: Array(fields[3...]),
                line: number)
        }
    }

    /// The items for which a condition holds.
    func filter(_ holds: (Item) -> Bool) -> ABXItems {
        var kept = self
        kept.items = items.filter(holds)
        return kept
    }

    /// Digits behind the point of the times.
    public var decimals: Int { items.map { max($0.onset.decimals, $0.offset.decimals) }.max() ?? 0 }
}

extension ABXItems {
    /// What is compared.
    public enum Kind: String, CaseIterable, Sendable {
        /// A phone with its neighbours, from the beginning of the one before to the end of the one behind.
        case triphone
        /// A phone alone, known by its neighbours.
        case phone
    }

    /// Labels of one utterance.
    public typealias Labels = (name: ByteString, intervals: [LabelledInterval], speaker: String?)

    /// Columns of items that are made from alignments.
    public static let columnsOfPhones = ["#phone", "prev-phone", "next-phone", "speaker"]

    /// An item for each phone that has a phone on either side, none of the three silence.
    /// - Parameters:
    ///   - speaker: of an utterance; all are one speaker's where it is nil.
    ///   - path: what messages call the items.
    public init(
        _ kind: Kind, path: String,
        utterances: [Labels],
        silence: Set<String>
    ) {
        self.init(path: path, columns: Self.columnsOfPhones)
        for (name, intervals, speaker) in utterances {
            for index in intervals.indices.dropFirst().dropLast() {
                let three = intervals[(index - 1)...(index + 1)]
                let isTogether = zip(three, three.dropFirst()).allSatisfy { abs($1.start - $0.end) < 1e-4 }
                guard isTogether, three.allSatisfy({ !silence.contains($0.label) && !$0.label.isEmpty })
                else { continue }
                let reach = kind == .triphone ? three : intervals[index...index]
                guard let first = reach.first, let last = reach.last else { continue }
                add(
                    recording: name, onset: DecimalTime(rounding: first.start),
                    offset: DecimalTime(rounding: last.end),
                    labels: [
                        intervals[index].label, intervals[index - 1].label, intervals[index + 1].label,
                        speaker ?? "",
                    ], line: intervals[index].line)
            }
        }
    }
}
