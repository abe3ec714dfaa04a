using OpenIddict.Abstractions;
using Watchword.Idm.Server.Hosting;

namespace Watchword.Idm.Server.Pages;

/// <summary>What a user sees when an authentication request is refused before its redirect URI is trusted.</summary>
internal static class ErrorPage
{
    public static Task WriteAsync(HttpContext context, OpenIddictResponse response)
    {
        string body = $"""
            <h1>The log-in cannot begin</h1>
            <p class="fault" role="alert">{Page.Encode(response.ErrorDescription ?? "The request of the application is not valid.")}</p>
            <p>The application that sent you here made a request that this server does not accept. Nothing was sent back to it.
            Please tell whoever looks after the application.</p>
            <small>Error: {Page.Encode(response.Error)}<br>Reference: {Page.Encode(CorrelationId.Of(context))}</small>
            """;
        return Page.WriteAsync(context, StatusCodes.Status400BadRequest, "The log-in cannot begin", body);
    }
}
