namespace Watchword.Kms.EntityFrameworkCore;

/// <summary>A batch of keys that are made ahead. Times are milliseconds since 1970.</summary>
internal sealed class PreparationRow
{
    public long Id { get; init; }

    public required string KmsUri { get; init; }

    public int Generation { get; init; }

    public long PeriodNumber { get; init; }

    public PreparationSource Source { get; set; }

    public int SourceGeneration { get; set; }

    public long SourcePeriod { get; set; }

    public PreparationState State { get; set; }

    public long Total { get; set; }

    public long Done { get; set; }

    public long LeftOut { get; set; }

    public long Cursor { get; set; }

    public long StartedAt { get; set; }

    public long UpdatedAt { get; set; }

    public long RunSince { get; set; }

    public long RunFrom { get; set; }

    public string? Owner { get; set; }

    public long LeaseUntil { get; set; }

    public required string SealerId { get; set; }

    public int Fault { get; set; }

    public required string ByIssuer { get; set; }

    public required string BySubject { get; set; }

    public required string ByRole { get; set; }

    public required string CorrelationId { get; set; }
}

/// <summary>An entry of a list that an officer handed in.</summary>
internal sealed class PreparationItemRow
{
    public long Number { get; init; }

    public long PreparationId { get; init; }

    public required string Issuer { get; init; }

    public required string Subject { get; init; }

    public required string UserUri { get; init; }
}
