namespace Watchword.Kms.EntityFrameworkCore;

/// <summary>Between rows and records of preparing ahead.</summary>
internal static class PreparationMapping
{
    /// <summary>The table into which a batch is written at once. The same again gives the same row.</summary>
    public static BulkTable<PreparedKeyRow> Table { get; } = new("PreparedKey",
    [
        new("PreparationId", ColumnKind.Integer, row => row.PreparationId),
        new("UserId", ColumnKind.Octets, row => row.UserId),
        new("TransportKeyId", ColumnKind.Text, row => row.TransportKeyId),
        new("Holder", ColumnKind.Octets, row => row.Holder),
        new("Identity", ColumnKind.Octets, row => row.Identity),
        new("Sealed", ColumnKind.Octets, row => row.Sealed),
    ],
    """
    ON CONFLICT ("PreparationId", "UserId", "TransportKeyId") DO UPDATE
    SET "Holder" = excluded."Holder", "Identity" = excluded."Identity", "Sealed" = excluded."Sealed"
    """);

    public static BulkTable<PreparationItemRow> Items { get; } = new("PreparationItem",
    [
        new("PreparationId", ColumnKind.Integer, row => row.PreparationId),
        new("Issuer", ColumnKind.Text, row => row.Issuer),
        new("Subject", ColumnKind.Text, row => row.Subject),
        new("UserUri", ColumnKind.Text, row => row.UserUri),
    ]);

    public static SealedKeySet ToRecord(this PreparedKeyRow row) =>
        new(row.UserId, row.TransportKeyId, row.Holder, row.Identity, row.Sealed);

    public static PreparedKeyRow ToRow(this SealedKeySet key, long preparation) => new()
    {
        PreparationId = preparation,
        UserId = key.UserId.ToArray(),
        TransportKeyId = key.TransportKeyId,
        Holder = key.Holder.ToArray(),
        Identity = key.Identity.ToArray(),
        Sealed = key.Sealed.ToArray(),
    };

    public static Preparation ToRecord(this PreparationRow row) => new()
    {
        Id = row.Id,
        KmsUri = row.KmsUri,
        Generation = row.Generation,
        PeriodNumber = row.PeriodNumber,
        Source = row.Source,
        SourceGeneration = row.SourceGeneration,
        SourcePeriod = row.SourcePeriod,
        State = row.State,
        Total = row.Total,
        Done = row.Done,
        LeftOut = row.LeftOut,
        Cursor = row.Cursor,
        StartedAt = DateTimeOffset.FromUnixTimeMilliseconds(row.StartedAt),
        UpdatedAt = DateTimeOffset.FromUnixTimeMilliseconds(row.UpdatedAt),
        RunSince = DateTimeOffset.FromUnixTimeMilliseconds(row.RunSince),
        RunFrom = row.RunFrom,
        Owner = row.Owner,
        LeaseUntil = DateTimeOffset.FromUnixTimeMilliseconds(row.LeaseUntil),
        SealerId = row.SealerId,
        Fault = row.Fault,
        OrderedBy = new Authority(row.ByIssuer, row.BySubject, row.ByRole),
        CorrelationId = row.CorrelationId,
    };

    public static PreparationRow ToNewRow(this Preparation one)
    {
        PreparationRow row = new()
        {
            KmsUri = one.KmsUri,
            Generation = one.Generation,
            PeriodNumber = one.PeriodNumber,
            SealerId = one.SealerId,
            ByIssuer = one.OrderedBy.Issuer,
            BySubject = one.OrderedBy.Subject,
            ByRole = one.OrderedBy.Role,
            CorrelationId = one.CorrelationId,
        };
        one.WriteTo(row);
        return row;
    }

    public static void WriteTo(this Preparation one, PreparationRow row)
    {
        row.Source = one.Source;
        row.SourceGeneration = one.SourceGeneration;
        row.SourcePeriod = one.SourcePeriod;
        row.State = one.State;
        row.Total = one.Total;
        row.Done = one.Done;
        row.LeftOut = one.LeftOut;
        row.Cursor = one.Cursor;
        row.StartedAt = one.StartedAt.ToUnixTimeMilliseconds();
        row.UpdatedAt = one.UpdatedAt.ToUnixTimeMilliseconds();
        row.RunSince = one.RunSince.ToUnixTimeMilliseconds();
        row.RunFrom = one.RunFrom;
        row.Owner = one.Owner;
        row.LeaseUntil = one.LeaseUntil.ToUnixTimeMilliseconds();
        row.SealerId = one.SealerId;
        row.Fault = one.Fault;
        row.ByIssuer = one.OrderedBy.Issuer;
        row.BySubject = one.OrderedBy.Subject;
        row.ByRole = one.OrderedBy.Role;
        row.CorrelationId = one.CorrelationId;
    }
}
