namespace Watchword.Kms;

/// <summary>Who orders an administrative act: authenticated and authorised by the host.</summary>
/// <param name="Issuer">Who vouches for him.</param>
/// <param name="Subject">His name with that issuer.</param>
/// <param name="Role">In which role he acts, for example <c>crypto-officer</c>.</param>
public sealed record Authority(string Issuer, string Subject, string Role)
{
    /// <summary>True if both are the same person, in whatever role.</summary>
    public bool IsSamePersonAs(Authority other) => Issuer == other.Issuer && Subject == other.Subject;
}
