using System.Security.Cryptography.X509Certificates;
using Watchword.Identity;

namespace Watchword.SystemTests.AuthorisationMatrix;

/// <summary>An HTTP request without its credential.</summary>
internal sealed record HttpAct(HttpMethod Method, string Path, byte[]? Body = null, string? MediaType = null);

/// <summary>A request over HTTP: to the server itself, or through the HTTP proxy.</summary>
internal abstract record HttpRow(string Table, string Name, McResource Resource, McService Service, bool ThroughProxy)
    : MatrixRow(Table, Name, Resource, Service)
{
    private const string CorrelationHeader = "X-Correlation-Id";

    /// <summary>The scopes that a refusal for scope has to name, one of them at least.</summary>
    private string Scope => McScopes.For(Service, Resource);

    /// <inheritdoc/>
    public sealed override string? Expected(Credential kind) => kind switch
    {
        Credential.StrangerPeer => null,
        Credential.AssertedWithoutCertificate => "no TLS",
        Credential.AssertedByUe when ThroughProxy => "403 proxy 40301",
        Credential.AssertedByOtherPeer when ThroughProxy => "403 proxy 40304",
        _ when ScopesOf(kind) == Resource => null,
        _ => Documented(kind),
    };

    /// <inheritdoc/>
    public sealed override async Task<Seen> SendAsync(MatrixLab lab, Credential kind, CancellationToken cancellation)
    {
        HttpAct act = Act(lab, kind);
        bool asEntity = IsEntity(kind);
        X509Certificate2? certificate = kind switch
        {
            Credential.RightAssertion => lab.Peer,
            Credential.AssertedByOtherPeer => lab.OtherPeer,
            _ => null,
        };
        string root = ThroughProxy ? Root(lab, asEntity: false) : Root(lab, asEntity);
        HttpClient http = lab.ClientOf(
            certificate, !ThroughProxy ? null : asEntity ? lab.ProxyEntitiesUrl : lab.Ports.ProxyUrl);
        using HttpRequestMessage request = new(act.Method, root + act.Path);
        if (lab.Forge.Make(kind, Resource, Service) is { } token)
        {
            request.Headers.TryAddWithoutValidation("Authorization", "Bearer " + token).ShouldBeTrue();
        }

        if (asEntity || kind == Credential.AssertedByUe)
        {
            request.Headers.Add(AssertedIdentityHeader.Name, $"\"{AssertedUri}\"");
        }

        if (act.Body is { } body)
        {
            request.Content = new ByteArrayContent(body);
            request.Content.Headers.TryAddWithoutValidation("Content-Type", act.MediaType).ShouldBeTrue();
        }

        try
        {
            using HttpResponseMessage response = await http.SendAsync(request, cancellation);
            return Read(response, await response.Content.ReadAsStringAsync(cancellation), kind);
        }
        catch (HttpRequestException) when (kind == Credential.AssertedWithoutCertificate)
        {
            return new Seen("no TLS");
        }
    }

    /// <summary>The URI that an entity is asserted with.</summary>
    protected abstract string AssertedUri { get; }

    /// <summary>What is documented for this server, with or without the proxy before it.</summary>
    protected abstract string? Documented(Credential kind);

    /// <summary>The request.</summary>
    protected abstract HttpAct Act(MatrixLab lab, Credential kind);

    /// <summary>The URL that paths are below.</summary>
    protected abstract string Root(MatrixLab lab, bool asEntity);

    /// <summary>The number of the error in a body, and the correlation id there.</summary>
    protected abstract (string Code, string? CorrelationId) ReadError(string body);

    /// <summary>Whether the number is that of insufficient scope.</summary>
    protected abstract bool IsForScope(string code);

    /// <summary>Whether the credential is shown at a listener for network entities.</summary>
    protected static bool IsEntity(Credential kind) =>
        kind is Credential.RightAssertion or Credential.AssertedByOtherPeer or Credential.AssertedWithoutCertificate;

    /// <summary>Status and number; what every refusal must have beside them is demanded here.</summary>
    private Seen Read(HttpResponseMessage response, string body, Credential kind)
    {
        int status = (int)response.StatusCode;
        string correlationId = response.Headers.TryGetValues(CorrelationHeader, out IEnumerable<string>? values)
            ? values.Single()
            : throw new InvalidOperationException($"{status} without {CorrelationHeader}");
        if (status < 400)
        {
            return new Seen($"{status}", correlationId);
        }

        bool isProxys = body.Contains("urn:watchword:proxy:error:", StringComparison.Ordinal);
        (string code, string? inBody) = isProxys ? XcapRow.ReadProblem(body) : ReadError(body);
        inBody.ShouldBe(correlationId, $"the correlation id in the body of {status} {code}");
        CheckChallenge(status, response.Headers.WwwAuthenticate.ToString(), code, kind);
        return new Seen(isProxys ? $"{status} proxy {code}" : $"{status} {code}", correlationId);
    }

    /// <summary>RFC 6750 §3: what kind of token would help.</summary>
    private void CheckChallenge(int status, string challenge, string code, Credential kind)
    {
        if (status == 401)
        {
            challenge.ShouldContain("Bearer error=\"invalid_token\"", Case.Sensitive);
        }
        else if (IsForScope(code))
        {
            challenge.ShouldContain("Bearer error=\"insufficient_scope\"", Case.Sensitive);
            challenge.ShouldContain(Scope, Case.Sensitive, $"the scope that would do, for {kind}");
        }
        else
        {
            challenge.ShouldNotContain("error=", Case.Sensitive, $"no other token would help: {status} {code}");
        }
    }
}
