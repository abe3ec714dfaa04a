using System.Data.Common;
using Watchword.KeyManagement.Audit;

namespace Watchword.Kms.EntityFrameworkCore;

/// <summary>Remembers a signed request, unless it is remembered already.</summary>
internal sealed class ReplayUnit(byte[] digest, DateTimeOffset expires, bool forget, CancellationToken cancellationToken)
    : WriteUnit([], cancellationToken)
{
    private const string Remember = """
        INSERT INTO "Replay" ("Digest", "Expires") VALUES (@digest, @expires)
        ON CONFLICT ("Digest") DO UPDATE SET "Expires" = excluded."Expires" WHERE "Replay"."Expires" <= @now
        """;

    private const string Forget = """DELETE FROM "Replay" WHERE "Expires" <= @now""";

    /// <summary>True if it was not seen before; after the commit.</summary>
    public bool IsNew { get; private set; }

    protected override async Task<IReadOnlyList<AuditRecord>> WriteAsync(WriteTransaction transaction)
    {
        long now = transaction.Now.ToUnixTimeMilliseconds();
        if (forget)
        {
            await using DbCommand old = Command(transaction, Forget, ("@now", now));
            await old.ExecuteNonQueryAsync();
        }

        await using DbCommand command = Command(
            transaction, Remember, ("@digest", digest), ("@expires", expires.ToUnixTimeMilliseconds()), ("@now", now));
        IsNew = await command.ExecuteNonQueryAsync() == 1;
        return [];
    }

    [System.Diagnostics.CodeAnalysis.SuppressMessage("Security", "CA2100", Justification = "Both statements are constants.")]
    private static DbCommand Command(WriteTransaction transaction, string sql, params (string Name, object Value)[] values)
    {
        DbCommand command = transaction.CreateCommand();
        command.CommandText = sql;
        foreach ((string name, object value) in values)
        {
            DbParameter parameter = command.CreateParameter();
            parameter.ParameterName = name;
            parameter.Value = value;
            command.Parameters.Add(parameter);
        }

        return command;
    }
}
