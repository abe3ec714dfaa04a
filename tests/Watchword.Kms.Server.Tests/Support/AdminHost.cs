using System.Net;
using System.Net.Http.Headers;
using System.Text;
using System.Text.Json.Nodes;
using Watchword.Identity;

namespace Watchword.Kms.Server.Tests.Support;

/// <summary>What the admin API answered.</summary>
internal sealed record AdminAnswer(HttpStatusCode Status, string? ContentType, byte[] Body, string? Allow)
{
    public JsonNode Json => JsonNode.Parse(Body)!;

    /// <summary>The number of a problem.</summary>
    public KmsError Error => ContentType == "application/problem+json"
        ? (KmsError)(int)Json["code"]!
        : throw new InvalidOperationException($"{Status} {ContentType} is no problem");
}

/// <summary>A KMS with an admin API, and administrators in each role.</summary>
internal sealed class AdminHost : IAsyncDisposable
{
    public const string Audience = "https://kms-admin.test.example";

    private AdminHost(KmsHost kms)
    {
        Kms = kms;
        Client = kms.Certificates.CreateClient(kms.LastAddress);
    }

    public KmsHost Kms { get; }

    /// <summary>Connects to the admin listener.</summary>
    public HttpClient Client { get; }

    public static async Task<AdminHost> StartAsync(params (string Key, string? Value)[] changes) => new(await KmsHost.StartAsync(
    [
        ("Kms:Admin:Listen:0", "https://127.0.0.1:0"),
        ("Kms:Admin:Audience", Audience),
        ("Kms:Admin:Issuers:0", TestIssuer.Name),
        .. changes,
    ]));

    /// <summary>A token for the admin API, of a subject named after the role.</summary>
    public string Token(string scope, params (string Name, object? Value)[] changes) => Kms.Token(
    [
        ("sub", scope), ("aud", Audience), ("scope", scope), ("mcptt_id", null), ("mcvideo_id", null), ("mcdata_id", null),
        .. changes,
    ]);

    public Task<AdminAnswer> AsOfficerAsync(string path, string? body = null) =>
        SendAsync(path, Token(KmsRoleScopes.CryptoOfficer), body);

    public Task<AdminAnswer> AsUserAdministratorAsync(string path, string? body = null) =>
        SendAsync(path, Token(KmsRoleScopes.UserAdministrator), body);

    public Task<AdminAnswer> AsAuditorAsync(string path, string? body = null) =>
        SendAsync(path, Token(KmsRoleScopes.Auditor), body);

    /// <summary>GET without a body, POST with one.</summary>
    public async Task<AdminAnswer> SendAsync(string path, string? token, string? body = null, HttpMethod? method = null)
    {
        using HttpRequestMessage request = new(method ?? (body is null ? HttpMethod.Get : HttpMethod.Post), path);
        if (token is not null)
        {
            request.Headers.Authorization = new AuthenticationHeaderValue("Bearer", token);
        }

        if (body is not null)
        {
            request.Content = new StringContent(body, Encoding.UTF8, "application/json");
        }

        using HttpResponseMessage response = await Client.SendAsync(request, TestContext.Current.CancellationToken);
        return new AdminAnswer(
            response.StatusCode, response.Content.Headers.ContentType?.MediaType,
            await response.Content.ReadAsByteArrayAsync(TestContext.Current.CancellationToken),
            response.Headers.CacheControl?.ToString());
    }

    public async ValueTask DisposeAsync()
    {
        Client.Dispose();
        await Kms.DisposeAsync();
    }
}
