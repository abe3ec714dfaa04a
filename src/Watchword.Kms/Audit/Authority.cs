using Watchword.KeyManagement.Audit;

namespace Watchword.Kms;

/// <summary>Who orders an administrative act.</summary>
/// <param name="Issuer">Who vouches for him.</param>
/// <param name="Subject">His name with that issuer.</param>
/// <param name="Role">The role in which he acts, for example <c>crypto officer</c>.</param>
public sealed record Authority(string Issuer, string Subject, string Role)
{
    /// <summary>Who sits at the machine itself, with the rights of the account that the KMS runs under.</summary>
    public static Authority Console { get; } = new("local", Environment.UserName, "operator");

    /// <summary>The audit entry of an act of his.</summary>
    /// <param name="kind">What is reported.</param>
    /// <param name="kmsUri">The domain; empty for the whole installation.</param>
    /// <param name="generation">The generation; 0 for none.</param>
    /// <param name="correlationId">Ties the record to the request.</param>
    /// <param name="detail">What he did. Never a secret.</param>
    /// <param name="result">0, or the number of the error it failed with.</param>
    public AuditEntry ToEntry(
        AuditKind kind, string kmsUri, int generation, string correlationId, string? detail = null, int result = 0) => new()
    {
        Kind = kind,
        KmsUri = kmsUri,
        Generation = generation,
        CorrelationId = correlationId,
        Issuer = Issuer,
        Subject = Subject,
        Role = Role,
        Detail = detail,
        Result = result,
    };
}
