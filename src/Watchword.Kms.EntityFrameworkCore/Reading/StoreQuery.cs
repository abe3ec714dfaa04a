using System.Data.Common;

namespace Watchword.Kms.EntityFrameworkCore;

/// <summary>A value of a statement: one, or many of one kind that <see cref="StoreProvider.AnyOf"/> compares with.</summary>
/// <param name="Kind">What the values are.</param>
/// <param name="Values">Texts, octets or integers.</param>
/// <param name="IsList">False for a single value.</param>
internal sealed record QueryValue(ColumnKind Kind, IReadOnlyList<object> Values, bool IsList)
{
    public static QueryValue Of(string text) => new(ColumnKind.Text, [text], IsList: false);

    public static QueryValue AnyOf(IEnumerable<string> texts) => new(ColumnKind.Text, [.. texts], IsList: true);

    public static QueryValue AnyOf(IEnumerable<byte[]> octets) => new(ColumnKind.Octets, [.. octets], IsList: true);

    public static QueryValue AnyOf(IEnumerable<long> numbers) =>
        new(ColumnKind.Integer, [.. numbers.Cast<object>()], IsList: true);
}

/// <summary>
/// A statement that every request needs, past the translation of LINQ, which costs more than the database takes for it.
/// Parameters stand in it as <c>$1</c>, <c>$2</c>... in the order of the values.
/// </summary>
/// <param name="Sql">The statement; constants and names of columns only, values are parameters.</param>
/// <param name="Values">Its values.</param>
/// <param name="Row">Takes each row.</param>
internal sealed record StoreQuery(string Sql, IReadOnlyList<QueryValue> Values, Action<DbDataReader> Row);
