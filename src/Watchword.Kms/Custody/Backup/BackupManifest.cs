using System.Text.Json;
using System.Text.Json.Serialization;
using Watchword.KeyManagement;

namespace Watchword.Kms;

/// <summary>One generation of a domain in a backup: its public facts.</summary>
internal sealed record BackupDomain
{
    public required string KmsUri { get; init; }

    public required int Generation { get; init; }

    public required int SecretsGeneration { get; init; }

    public required long PeriodSeconds { get; init; }

    public required long OffsetSeconds { get; init; }

    public required byte[] PublicAuthenticationKey { get; init; }

    public required byte[] PublicEncryptionKey { get; init; }

    public string? CertUri { get; init; }

    public string? Issuer { get; init; }

    public required IReadOnlyList<string> Domains { get; init; }

    public required bool IsLabData { get; init; }

    public DateTimeOffset? ValidFrom { get; init; }

    public DateTimeOffset? ValidTo { get; init; }

    public required GenerationState State { get; init; }

    public required DateTimeOffset CreatedAt { get; init; }

    public required DateTimeOffset StateChangedAt { get; init; }

    public static BackupDomain From(DomainRecord record) => new()
    {
        KmsUri = record.KmsUri,
        Generation = record.Generation,
        SecretsGeneration = record.SecretsGeneration,
        PeriodSeconds = record.Schedule.PeriodSeconds,
        OffsetSeconds = record.Schedule.OffsetSeconds,
        PublicAuthenticationKey = record.PublicAuthenticationKey,
        PublicEncryptionKey = record.PublicEncryptionKey,
        CertUri = record.CertUri,
        Issuer = record.Issuer,
        Domains = record.Domains,
        IsLabData = record.IsLabData,
        ValidFrom = record.ValidFrom,
        ValidTo = record.ValidTo,
        State = record.State,
        CreatedAt = record.CreatedAt,
        StateChangedAt = record.StateChangedAt,
    };

    public DomainRecord ToRecord() => new()
    {
        KmsUri = KmsUri,
        Generation = Generation,
        SecretsGeneration = SecretsGeneration,
        Schedule = new KeyPeriodSchedule(PeriodSeconds, OffsetSeconds),
        PublicAuthenticationKey = PublicAuthenticationKey,
        PublicEncryptionKey = PublicEncryptionKey,
        CertUri = CertUri,
        Issuer = Issuer,
        Domains = Domains,
        IsLabData = IsLabData,
        ValidFrom = ValidFrom,
        ValidTo = ValidTo,
        State = State,
        CreatedAt = CreatedAt,
        StateChangedAt = StateChangedAt,
    };
}

/// <summary>What an identity's key of a period came to, to be derived again from the backup. Public.</summary>
/// <param name="KmsUri">The domain.</param>
/// <param name="Generation">Its generation.</param>
/// <param name="UserUri">The identity.</param>
/// <param name="PeriodNumber">The key period.</param>
/// <param name="UserId">The UID, 32 octets.</param>
/// <param name="PublicTokenHash">SHA-256 over the PVT, 32 octets.</param>
/// <param name="WasIssued">True if it is from the audit log of what was given out; false for a test identity.</param>
public sealed record BackupSample(
    string KmsUri, int Generation, string UserUri, long PeriodNumber, byte[] UserId, byte[] PublicTokenHash, bool WasIssued);

/// <summary>The first entry of a backup.</summary>
internal sealed record BackupManifest
{
    /// <summary>With an entry that says who made it.</summary>
    public const string FormatName = "watchword-backup-2";

    /// <summary>Of earlier versions, which did not say.</summary>
    public const string FirstFormatName = "watchword-backup-1";

    public required string Format { get; init; }

    public required DateTimeOffset CreatedAt { get; init; }

    public required IReadOnlyList<BackupDomain> Domains { get; init; }

    public required IReadOnlyList<BackupSample> Samples { get; init; }

    public required IReadOnlyList<string> Documents { get; init; }

    /// <summary>The last audit record at that time: a store that was restored must reach it.</summary>
    public required long AuditSequence { get; init; }

    public required byte[] AuditHash { get; init; }

    public required bool HasStore { get; init; }

    public byte[] Write() => JsonSerializer.SerializeToUtf8Bytes(this, BackupJson.Default.BackupManifest);

    /// <exception cref="KmsException"><see cref="KmsError.BackupMalformed"/>.</exception>
    public static BackupManifest Read(ReadOnlySpan<byte> content)
    {
        try
        {
            return JsonSerializer.Deserialize(content, BackupJson.Default.BackupManifest)
                is { Format: FormatName or FirstFormatName } manifest
                && manifest.Domains.All(domain => domain is { KmsUri: not null, PublicAuthenticationKey: not null })
                && manifest.Samples.All(sample => sample is { KmsUri: not null, UserUri: not null, UserId: not null })
                    ? manifest
                    : throw new KmsException(KmsError.BackupMalformed, "manifest");
        }
        catch (JsonException fault)
        {
            throw new KmsException(KmsError.BackupMalformed, "manifest", fault);
        }
    }
}

[JsonSourceGenerationOptions(
    PropertyNamingPolicy = JsonKnownNamingPolicy.CamelCase,
    AllowDuplicateProperties = false,
    UnmappedMemberHandling = JsonUnmappedMemberHandling.Disallow,
    UseStringEnumConverter = true,
    RespectNullableAnnotations = true,
    DefaultIgnoreCondition = JsonIgnoreCondition.WhenWritingNull)]
[JsonSerializable(typeof(BackupManifest))]
internal sealed partial class BackupJson : JsonSerializerContext;
