using Watchword.KeyManagement.Audit;

namespace Watchword.Kms.EntityFrameworkCore;

/// <summary>The tables that are written with every request.</summary>
internal static class Tables
{
    public static BulkTable<AuditRecord> Audit { get; } = new("Audit",
    [
        new("Sequence", ColumnKind.Integer, record => record.Sequence),
        new("Format", ColumnKind.SmallInteger, record => record.Format),
        new("PreviousHash", ColumnKind.Octets, record => record.PreviousHash.ToArray()),
        new("Time", ColumnKind.Integer, record => record.Time.ToUnixTimeMilliseconds()),
        new("Kind", ColumnKind.SmallInteger, record => (int)record.Entry.Kind),
        new("KmsUri", ColumnKind.Text, record => record.Entry.KmsUri),
        new("Generation", ColumnKind.SmallInteger, record => record.Entry.Generation),
        new("CorrelationId", ColumnKind.Text, record => record.Entry.CorrelationId),
        new("Issuer", ColumnKind.Text, record => record.Entry.Issuer),
        new("Subject", ColumnKind.Text, record => record.Entry.Subject),
        new("Role", ColumnKind.Text, record => record.Entry.Role),
        new("UserUri", ColumnKind.Text, record => record.Entry.UserUri),
        new("Service", ColumnKind.Text, record => record.Entry.Service),
        new("KeyPeriodNumber", ColumnKind.Integer, record => record.Entry.KeyPeriodNumber),
        new("UserId", ColumnKind.Octets, record => record.Entry.UserId.ToArray()),
        new("PublicTokenHash", ColumnKind.Octets, record => record.Entry.PublicTokenHash.ToArray()),
        new("IntentSequence", ColumnKind.Integer, record => record.Entry.IntentSequence),
        new("Result", ColumnKind.SmallInteger, record => record.Entry.Result),
        new("Detail", ColumnKind.Text, record => record.Entry.Detail),
        new("KeySets", ColumnKind.Text, record => KeySetColumn.Write(record.Entry.KeySets)),
        new("Hash", ColumnKind.Octets, record => record.Hash.ToArray()),
    ]);

    public static BulkTable<IssuanceRow> Issuance { get; } = new("Issuance",
    [
        new("KmsUri", ColumnKind.Text, row => row.KmsUri),
        new("Generation", ColumnKind.SmallInteger, row => row.Generation),
        new("SecretsGeneration", ColumnKind.SmallInteger, row => row.SecretsGeneration),
        new("PeriodNumber", ColumnKind.Integer, row => row.PeriodNumber),
        new("UserUri", ColumnKind.Text, row => row.UserUri),
        new("Issuer", ColumnKind.Text, row => row.Issuer),
        new("Subject", ColumnKind.Text, row => row.Subject),
        new("UserId", ColumnKind.Octets, row => row.UserId),
        new("PublicTokenHash", ColumnKind.Octets, row => row.PublicTokenHash),
        new("FirstOutcome", ColumnKind.Integer, row => row.FirstOutcome),
        new("LastOutcome", ColumnKind.Integer, row => row.LastOutcome),
    ],
    "ON CONFLICT (\"UserId\", \"Generation\", \"Issuer\", \"Subject\") DO UPDATE SET \"LastOutcome\" = excluded.\"LastOutcome\"");
}
