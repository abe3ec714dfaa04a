using Watchword.Identity;

namespace Watchword.SystemTests.AuthorisationMatrix;

/// <summary>What came back.</summary>
/// <param name="Text">The cell of the page: status, number, warning.</param>
/// <param name="CorrelationId">Of an answer over HTTP.</param>
internal sealed record Seen(string Text, string? CorrelationId = null);

/// <summary>One request of one service: what it is sent as, and the documented answer to every kind of credential.</summary>
/// <param name="Table">The table of the page that it stands in.</param>
/// <param name="Name">Its column.</param>
/// <param name="Resource">The resource server.</param>
/// <param name="Service">The MC service.</param>
internal abstract record MatrixRow(string Table, string Name, McResource Resource, McService Service)
{
    /// <summary>Tables that a refused request may write, with the reason in <c>docs/authorisation-matrix.md</c>.</summary>
    public virtual IReadOnlyCollection<string> NotCompared => [];

    /// <summary>What is documented; null where the credential does not exist for this request.</summary>
    public abstract string? Expected(Credential kind);

    /// <summary>Whether the right credential changes what is stored: that the comparison sees it is shown by that.</summary>
    public virtual bool Changes => false;

    /// <summary>Makes what the request is about, and asks for nothing that is judged.</summary>
    public virtual Task PrepareAsync(MatrixLab lab, CancellationToken cancellation) => Task.CompletedTask;

    /// <summary>Sends the request over the network.</summary>
    public abstract Task<Seen> SendAsync(MatrixLab lab, Credential kind, CancellationToken cancellation);

    /// <summary>Name in the list of tests.</summary>
    public sealed override string ToString() => $"{Table}: {Name}";

    /// <summary>
    /// The number of <c>docs/errors/authorization.md</c> for a token that is not valid here; null for one that is.
    /// </summary>
    protected static int? FaultOf(Credential kind) => kind switch
    {
        Credential.Malformed or Credential.RefreshToken => 4010,
        Credential.NotSigned or Credential.PublicKeyAsSecret => 4020,
        Credential.OtherIssuer => 4031,
        Credential.UnknownKey => 4040,
        Credential.OtherSignature or Credential.ChangedClaims => 4042,
        Credential.Expired => 4052,
        Credential.NotYetValid => 4053,
        Credential.IssuedInFuture => 4054,
        Credential.NoAudience => 4060,
        Credential.OtherAudience or Credential.TokenForOther or Credential.IdToken or Credential.SecurityToken => 4062,
        Credential.OtherDomain => 4082,
        _ => null,
    };

    /// <summary>The resource whose scopes alone the token has; null for other kinds.</summary>
    protected static McResource? ScopesOf(Credential kind) => kind switch
    {
        Credential.McxScopesOnly => McResource.Service,
        Credential.KeyScopesOnly => McResource.KeyManagement,
        Credential.ConfigurationScopesOnly => McResource.ConfigurationManagement,
        Credential.GroupScopesOnly => McResource.GroupManagement,
        _ => null,
    };
}
