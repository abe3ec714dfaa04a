using Watchword.KeyManagement.Audit;

namespace Watchword.Kms.EntityFrameworkCore;

/// <summary>The end of the audit log.</summary>
internal sealed class AuditHeadQuery
{
    private const string Sql = """SELECT "Sequence", "Hash", "Time" FROM "Audit" ORDER BY "Sequence" DESC LIMIT 1""";

    public AuditHeadQuery() => Query = new StoreQuery(Sql, [], row => Head = new AuditHead(
        row.GetInt64(0), row.GetFieldValue<byte[]>(1), DateTimeOffset.FromUnixTimeMilliseconds(row.GetInt64(2))));

    public StoreQuery Query { get; }

    /// <summary>After the query has run; empty for an empty log.</summary>
    public AuditHead Head { get; private set; } = AuditHead.Empty;
}
