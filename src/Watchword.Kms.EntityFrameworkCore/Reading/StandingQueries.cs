using System.Data.Common;

namespace Watchword.Kms.EntityFrameworkCore;

/// <summary>Who may be keyed, as every request and every issuance ask for it.</summary>
internal static class StandingQueries
{
    /// <summary>The standing of requesters, and of some whom nobody asked for: subjects of the same names with other issuers among
    /// them. By issuer too, with which the key of the table begins: it has a row for every user that was ever told of.</summary>
    public static StoreQuery Subjects(
        StoreProvider provider, IReadOnlyCollection<(string Issuer, string Subject)> wanted, Action<SubjectRecord> take) => new(
        $"""
        SELECT "Issuer", "Subject", "State", "TokensEndedAt", "Epoch", "ChangedAt" FROM "Subject"
        WHERE {provider.AnyOf("\"Issuer\"", ColumnKind.Text, 1)} AND {provider.AnyOf("\"Subject\"", ColumnKind.Text, 2)}
        """,
        [
            QueryValue.AnyOf(wanted.Select(one => one.Issuer).Distinct()),
            QueryValue.AnyOf(wanted.Select(one => one.Subject).Distinct()),
        ],
        row => take(new SubjectRecord(
            row.GetString(0), row.GetString(1), (RequesterState)row.GetInt32(2), Time(row, 3), row.GetInt64(4),
            DateTimeOffset.FromUnixTimeMilliseconds(row.GetInt64(5)))));

    /// <summary>How far the events of each issuer are known. There are few of them.</summary>
    public static StoreQuery Streams(Action<IssuerEvents> take) => new(
        """SELECT "Issuer", "Epoch", "Sequence", "LastId", "SnapshotComplete", "CompleteAt" FROM "IssuerEvents" """,
        [],
        row => take(new IssuerEvents(
            row.GetString(0), row.GetInt64(1), row.GetInt64(2), row.GetString(3), row.GetBoolean(4), Time(row, 5))));

    private static DateTimeOffset? Time(DbDataReader row, int column) =>
        row.IsDBNull(column) ? null : DateTimeOffset.FromUnixTimeMilliseconds(row.GetInt64(column));
}
