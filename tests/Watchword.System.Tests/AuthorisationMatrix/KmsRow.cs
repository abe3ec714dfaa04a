using System.Text;
using System.Text.RegularExpressions;
using Watchword.Identity;
using Watchword.KeyManagement;
using Watchword.Lab;

namespace Watchword.SystemTests.AuthorisationMatrix;

/// <summary>A request to the KMS (TS 33.180 Annex D).</summary>
/// <param name="Name">The column.</param>
/// <param name="Operation">What is asked for.</param>
/// <param name="Names">True where the path names the requester's identity.</param>
/// <param name="ThroughProxy">Over the HTTP proxy.</param>
internal sealed partial record KmsRow(string Name, AnnexDOperation Operation, bool Names = false, bool ThroughProxy = false)
    : HttpRow(ThroughProxy ? "HTTP proxy" : "KMS", Name, McResource.KeyManagement, McService.Mcptt, ThroughProxy)
{
    /// <summary>The number of insufficient scope.</summary>
    private const string ScopeError = "40302";

    /// <summary>There is no token: nobody to record.</summary>
    private const int NobodyKnown = 40301;

    /// <summary>Whether keys are given out, which the audit log has as an intent and an outcome.</summary>
    public bool Issues => Operation == AnnexDOperation.KeyProv;

    /// <summary>The number that the audit log has for an answer; null for one of somebody unknown.</summary>
    public static int? RecordedCode(string? answer) =>
        answer?.Split(' ') is ["403", { } code, ..] && int.TryParse(code, out int number) && number != NobodyKnown
            ? number
            : null;

    /// <inheritdoc/>
    protected override string AssertedUri => MatrixLab.Entity;

    /// <inheritdoc/>
    protected override string? Documented(Credential kind) => kind switch
    {
        // Without a KMS redirect response there is nothing to report: the request got as far as its body.
        Credential.Right or Credential.RightAssertion or Credential.WithinLeeway =>
            Operation == AnnexDOperation.Redirect ? "400 40009" : "200",
        Credential.Absent or Credential.AssertedByUe => "403 40301 (4000)",
        Credential.AssertedByOtherPeer => "403 40310",
        // Any key-management scope opens the KMS; only an identity of another service is out of reach.
        Credential.OtherMcService => Names ? "403 40303" : null,
        Credential.NoServiceId => "403 40302 (4091)",
        Credential.NetworkEntity => "401 40101 (4083)",
        Credential.OtherUser => Names ? "403 40303" : "403 40304",
        _ when ScopesOf(kind) is not null => "403 40302 (4090)",
        _ => FaultOf(kind) is { } fault ? $"401 40101 ({fault})" : null,
    };

    /// <inheritdoc/>
    protected override HttpAct Act(MatrixLab lab, Credential kind)
    {
        string own = IsEntity(kind) ? MatrixLab.Entity : lab.Description.Users[LabDomain.Dispatcher].McpttId!;
        string other = lab.Description.Users[LabDomain.Medic].McpttId!;
        string? argument = Operation switch
        {
            AnnexDOperation.KeyProv when Names => kind == Credential.OtherUser ? other : own,
            AnnexDOperation.Cert => LabDomain.KmsUri,
            AnnexDOperation.Lookup => other,
            _ => null,
        };
        string path = AnnexDPaths.Build(new AnnexDTarget(Operation, argument));
        using MemoryStream body = new();
        new KmsRequest
        {
            UserUri = kind == Credential.OtherUser && !Names ? other : own,
            KmsUri = LabDomain.KmsUri,
            Time = TimeProvider.System.GetUtcNow(),
            ClientReqUrl = Root(lab, IsEntity(kind) && !ThroughProxy) + path,
        }.WriteTo(body);
        return new HttpAct(HttpMethod.Post, path, body.ToArray(), "application/xml");
    }

    /// <inheritdoc/>
    protected override string Root(MatrixLab lab, bool asEntity) => asEntity ? lab.KmsEntitiesUrl : lab.Ports.KmsUrl;

    /// <inheritdoc/>
    protected override (string Code, string? CorrelationId) ReadError(string body)
    {
        using KmsResponse response = KmsResponse.Parse(Encoding.UTF8.GetBytes(body));
        KmsErrorBody error = response.Error.ShouldNotBeNull(body);
        response.Message.ShouldBeNull("a refusal carries nothing else");
        Match match = AuthorizationFault().Match(error.ErrorMsg);
        string fault = match.Success ? $" ({match.Groups[1].Value})" : string.Empty;
        return ($"{error.ErrorCode}{fault}", CorrelationId().Match(error.ErrorMsg).Groups[1].Value);
    }

    /// <inheritdoc/>
    protected override bool IsForScope(string code) => code.StartsWith(ScopeError, StringComparison.Ordinal);

    [GeneratedRegex("authorization fault ([0-9]{4})")]
    private static partial Regex AuthorizationFault();

    [GeneratedRegex(@"\[([^\[\]]+)\]\s*$")]
    private static partial Regex CorrelationId();
}
