using System.Collections.Immutable;
using Microsoft.AspNetCore;
using Microsoft.AspNetCore.Antiforgery;
using Microsoft.AspNetCore.Authentication;
using OpenIddict.Abstractions;
using OpenIddict.EntityFrameworkCore.Models;
using OpenIddict.Server.AspNetCore;
using Watchword.Idm.Server.Accounts;
using Watchword.Idm.Server.Clients;
using Watchword.Idm.Server.Pages;
using Watchword.Idm.Server.Storage;
using static OpenIddict.Abstractions.OpenIddictConstants;

namespace Watchword.Idm.Server.Protocol;

/// <summary>
/// The authorization endpoint, as TS 24.482 clause 6.3.1 has it: the authentication request is answered with 200 and a form, the
/// form with 302 and the code. OpenIddict has checked the request before; the form carries it along, so there is no session that
/// the next user of a shared device could find open.
/// </summary>
internal static class AuthorizationEndpoint
{
    public const string Path = "/connect/authorize";

    /// <summary>Where the form is posted to: a second address of the same endpoint.</summary>
    public const string LogInPath = "/account/login";

    public static async Task<IResult> HandleAsync(HttpContext context)
    {
        OpenIddictRequest request = context.GetOpenIddictServerRequest()!;
        if (request.HasPromptValue(PromptValues.None))
        {
            return Results.Forbid(
                Error(Errors.LoginRequired, "The user must log in."), [OpenIddictServerAspNetCoreDefaults.AuthenticationScheme]);
        }

        bool posted = HttpMethods.IsPost(context.Request.Method) && context.Request.HasFormContentType
            && context.Request.Form.ContainsKey(LogInPage.PasswordField);
        return posted ? await LogInAsync(context, request) : LogInPage.Show(context, request, LogInPage.Problem.None);
    }

    private static async Task<IResult> LogInAsync(HttpContext context, OpenIddictRequest request)
    {
        IServiceProvider services = context.RequestServices;
        CancellationToken cancellation = context.RequestAborted;
        if (!await services.GetRequiredService<IAntiforgery>().IsRequestValidAsync(context))
        {
            Log.AntiforgeryFailed(services.GetRequiredService<ILoggerFactory>().CreateLogger(nameof(AuthorizationEndpoint)));
            return LogInPage.Show(context, request, LogInPage.Problem.PageExpired);
        }

        string userName = context.Request.Form[LogInPage.UserNameField].ToString().Trim();
        string password = context.Request.Form[LogInPage.PasswordField].ToString();
        if (userName.Length is 0 or > AccountDirectory.MaxUserNameLength || password.Length is 0 or > LogInPage.MaxPasswordLength)
        {
            return LogInPage.Show(context, request, LogInPage.Problem.Incomplete);
        }

        Account? account = await services.GetRequiredService<PasswordCheck>()
            .VerifyAsync(userName, password, request.ClientId!, cancellation);
        return account is null
            ? LogInPage.Show(context, request, LogInPage.Problem.Refused)
            : await GrantAsync(services, request, account, cancellation);
    }

    private static async Task<IResult> GrantAsync(
        IServiceProvider services, OpenIddictRequest request, Account account, CancellationToken cancellation)
    {
        ClientManager clients = (ClientManager)services.GetRequiredService<IOpenIddictApplicationManager>();
        OpenIddictEntityFrameworkCoreApplication client = (await clients.FindByClientIdAsync(request.ClientId!, cancellation))!;
        ImmutableArray<string> granted = GrantRules.ForAccount(
            services.GetRequiredService<GrantRules>().Read(request.Scope, request.ClientId),
            await clients.GetScopesAsync(client, cancellation),
            account);
        long now = services.GetRequiredService<TimeProvider>().GetUtcNow().ToUnixTimeSeconds();
        return Results.SignIn(
            Principals.OfAccount(account, granted, now), authenticationScheme: OpenIddictServerAspNetCoreDefaults.AuthenticationScheme);
    }

    internal static AuthenticationProperties Error(string error, string description) => new(new Dictionary<string, string?>
    {
        [OpenIddictServerAspNetCoreConstants.Properties.Error] = error,
        [OpenIddictServerAspNetCoreConstants.Properties.ErrorDescription] = description,
    });
}
