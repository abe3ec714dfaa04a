using System.Buffers.Binary;
using System.Collections.Concurrent;
using System.Security.Cryptography;
using System.Text;
using Npgsql;
using Watchword.KeyManagement.Audit;

namespace Watchword.Kms.EntityFrameworkCore.Tests.Support;

/// <summary>
/// What a node of the first version on PostgreSQL did with its database: its statements, prepared once as it prepared them, and its
/// audit records of format 1.
/// </summary>
internal sealed class FirstVersionNode(string connectionString, TimeProvider time) : IAsyncDisposable
{
    public const string KmsUri = "kms.old.example";
    public const long PeriodNumber = 7;

    private readonly NpgsqlDataSource _source = NpgsqlDataSource.Create(connectionString + ";Max Auto Prepare=50");

    /// <summary>Whom it issued keys to.</summary>
    public ConcurrentQueue<string> Issued { get; } = [];

    public static byte[] UserIdOf(string userUri) => SHA256.HashData(Encoding.UTF8.GetBytes(userUri));

    public ValueTask DisposeAsync() => _source.DisposeAsync();

    /// <summary>The domain as its initialisation left it.</summary>
    public async Task CreateDomainAsync(CancellationToken cancellationToken)
    {
        await using NpgsqlCommand command = _source.CreateCommand($"""
            INSERT INTO "Domain" ("KmsUri", "Generation", "SecretsGeneration", "PeriodSeconds", "OffsetSeconds", "PublicAuthenticationKey",
              "PublicEncryptionKey", "Domains", "IsLabData", "State", "CreatedAt", "StateChangedAt")
            VALUES ('{KmsUri}', 1, 1, 3600, 60, '\x01', '\x02', '["x.example"]', false, 1, 1795000000000, 1795000000000)
            """);
        await command.ExecuteNonQueryAsync(cancellationToken);
    }

    /// <summary>Issues to a user who has nothing yet: intent, then outcome and issuance in one transaction.</summary>
    public async Task IssueAsync(string userUri, CancellationToken cancellationToken)
    {
        (await GenerationAsync(cancellationToken)).ShouldBe(1);
        long intent = await WriteAsync(Entry(userUri, AuditKind.Intent, intent: null), cancellationToken);
        await WriteAsync(Entry(userUri, AuditKind.Outcome, intent), cancellationToken);
        (await CountAsync(userUri, cancellationToken)).ShouldBe(1);
        Issued.Enqueue(userUri);
    }

    private static AuditEntry Entry(string userUri, AuditKind kind, long? intent) => new()
    {
        Kind = kind,
        KmsUri = KmsUri,
        Generation = 1,
        CorrelationId = "old",
        Issuer = "i",
        Subject = userUri,
        UserUri = userUri,
        Service = "mcptt",
        KeyPeriodNumber = PeriodNumber,
        UserId = UserIdOf(userUri),
        PublicTokenHash = intent is null ? default : UserIdOf(userUri),
        IntentSequence = intent,
    };

    private async Task<long> WriteAsync(AuditEntry entry, CancellationToken cancellationToken)
    {
        await using NpgsqlConnection connection = await _source.OpenConnectionAsync(cancellationToken);
        await using NpgsqlTransaction transaction = await connection.BeginTransactionAsync(cancellationToken);
        await ExecuteAsync(connection, "SELECT pg_advisory_xact_lock(2002875491, 1)", cancellationToken);
        AuditHead head = await HeadAsync(connection, cancellationToken);
        DateTimeOffset now = DateTimeOffset.FromUnixTimeMilliseconds(
            Math.Max(time.GetUtcNow().ToUnixTimeMilliseconds(), head.Time.ToUnixTimeMilliseconds()));
        long sequence = head.Sequence + 1;
        await ExecuteAsync(
            connection,
            """
            INSERT INTO "Audit" ("Sequence", "PreviousHash", "Time", "Kind", "KmsUri", "Generation", "CorrelationId", "Issuer", "Subject",
              "UserUri", "Service", "KeyPeriodNumber", "UserId", "PublicTokenHash", "IntentSequence", "Result", "Hash")
            VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15, $16, $17)
            """,
            cancellationToken,
            sequence, head.Hash.ToArray(), now.ToUnixTimeMilliseconds(), (int)entry.Kind, entry.KmsUri, entry.Generation, entry.CorrelationId,
            entry.Issuer, entry.Subject, entry.UserUri, entry.Service, entry.KeyPeriodNumber, entry.UserId.ToArray(),
            entry.PublicTokenHash.ToArray(), entry.IntentSequence, entry.Result, Hash(sequence, head, now, entry));
        if (entry.Kind == AuditKind.Outcome)
        {
            await ExecuteAsync(
                connection,
                """
                INSERT INTO "Issuance" ("KmsUri", "Generation", "SecretsGeneration", "PeriodNumber", "UserUri", "Issuer", "Subject", "UserId",
                  "PublicTokenHash", "FirstOutcome", "LastOutcome")
                VALUES ($1, 1, 1, $2, $3, $4, $5, $6, $7, $8, $8)
                """,
                cancellationToken,
                entry.KmsUri, PeriodNumber, entry.UserUri, entry.Issuer, entry.Subject, entry.UserId.ToArray(),
                entry.PublicTokenHash.ToArray(), sequence);
        }

        await transaction.CommitAsync(cancellationToken);
        return sequence;
    }

    private static async Task<AuditHead> HeadAsync(NpgsqlConnection connection, CancellationToken cancellationToken)
    {
        await using NpgsqlCommand command = new(
            """SELECT "Sequence", "Hash", "Time" FROM "Audit" ORDER BY "Sequence" DESC LIMIT 1""", connection);
        await using NpgsqlDataReader reader = await command.ExecuteReaderAsync(cancellationToken);
        return await reader.ReadAsync(cancellationToken)
            ? new AuditHead(reader.GetInt64(0), (byte[])reader[1], DateTimeOffset.FromUnixTimeMilliseconds(reader.GetInt64(2)))
            : AuditHead.Empty;
    }

    private async Task<int> GenerationAsync(CancellationToken cancellationToken)
    {
        await using NpgsqlCommand command = _source.CreateCommand("""
            SELECT d."Generation", d."CertUri", d."CreatedAt", d."Domains", d."IsLabData", d."Issuer", d."OffsetSeconds", d."PeriodSeconds",
              d."PublicAuthenticationKey", d."PublicEncryptionKey", d."SecretsGeneration", d."State", d."ValidFrom", d."ValidTo"
            FROM "Domain" AS d WHERE d."State" = 1
            """);
        return (int)(await command.ExecuteScalarAsync(cancellationToken))!;
    }

    private async Task<long> CountAsync(string userUri, CancellationToken cancellationToken)
    {
        await using NpgsqlCommand command = _source.CreateCommand(
            """SELECT count(*) FROM "Issuance" WHERE "PeriodNumber" = $1 AND "UserUri" = $2""");
        command.Parameters.Add(new NpgsqlParameter { Value = PeriodNumber });
        command.Parameters.Add(new NpgsqlParameter { Value = userUri });
        return (long)(await command.ExecuteScalarAsync(cancellationToken))!;
    }

    private static async Task ExecuteAsync(
        NpgsqlConnection connection, string sql, CancellationToken cancellationToken, params object?[] values)
    {
#pragma warning disable CA2100 // The statements are constants of this class.
        await using NpgsqlCommand command = new(sql, connection);
#pragma warning restore CA2100
        foreach (object? value in values)
        {
            command.Parameters.Add(new NpgsqlParameter { Value = value ?? DBNull.Value });
        }

        await command.ExecuteNonQueryAsync(cancellationToken);
    }

    /// <summary>Format 1: label, then every field; each with a mark, texts and octets with their length.</summary>
    private static byte[] Hash(long sequence, AuditHead head, DateTimeOffset now, AuditEntry entry)
    {
        using MemoryStream encoding = new();
        encoding.Write("watchword-audit-1"u8);
        WriteInteger(encoding, sequence);
        WriteOctets(encoding, head.Hash.Span);
        WriteInteger(encoding, now.ToUnixTimeMilliseconds());
        WriteInteger(encoding, (int)entry.Kind);
        WriteOctets(encoding, Encoding.UTF8.GetBytes(entry.KmsUri));
        WriteInteger(encoding, entry.Generation);
        foreach (string text in (string[])[entry.CorrelationId, entry.Issuer!, entry.Subject!, entry.UserUri!, entry.Service!])
        {
            WriteOctets(encoding, Encoding.UTF8.GetBytes(text));
        }

        WriteInteger(encoding, entry.KeyPeriodNumber);
        WriteOctets(encoding, entry.UserId.Span);
        WriteOctets(encoding, entry.PublicTokenHash.Span);
        WriteInteger(encoding, entry.IntentSequence);
        WriteInteger(encoding, entry.Result);
        return SHA256.HashData(encoding.ToArray());
    }

    private static void WriteInteger(MemoryStream encoding, long? value)
    {
        encoding.WriteByte(value is null ? (byte)0 : (byte)1);
        if (value is { } number)
        {
            Span<byte> octets = stackalloc byte[8];
            BinaryPrimitives.WriteInt64BigEndian(octets, number);
            encoding.Write(octets);
        }
    }

    private static void WriteOctets(MemoryStream encoding, ReadOnlySpan<byte> octets)
    {
        Span<byte> head = stackalloc byte[5];
        head[0] = 1;
        BinaryPrimitives.WriteInt32BigEndian(head[1..], octets.Length);
        encoding.Write(head);
        encoding.Write(octets);
    }
}
