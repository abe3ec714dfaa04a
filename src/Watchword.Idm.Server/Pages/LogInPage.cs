using System.Text;
using Microsoft.AspNetCore.Antiforgery;
using Microsoft.Extensions.Options;
using OpenIddict.Abstractions;
using Watchword.Idm.Server.Accounts;
using Watchword.Idm.Server.Clients;
using Watchword.Idm.Server.Configuration;
using Watchword.Idm.Server.Protocol;

namespace Watchword.Idm.Server.Pages;

/// <summary>The log-in form. It carries the authentication request along in hidden fields; the server keeps nothing until it is posted.</summary>
internal static class LogInPage
{
    public const string UserNameField = "username";
    public const string PasswordField = "password";
    public const string AntiforgeryField = "antiforgery";
    public const int MaxPasswordLength = 256;

    /// <summary>What the user is told.</summary>
    public enum Problem
    {
        None,
        Refused,
        Incomplete,
        PageExpired,
    }

    public static IResult Show(HttpContext context, OpenIddictRequest request, Problem problem)
    {
        IServiceProvider services = context.RequestServices;
        string serviceName = services.GetRequiredService<IOptions<IdmOptions>>().Value.LogIn.ServiceName;
        AntiforgeryTokenSet antiforgery = services.GetRequiredService<IAntiforgery>().GetAndStoreTokens(context);
        string entered = (string?)request[UserNameField] ?? request.LoginHint ?? string.Empty;
        if (entered.Length > AccountDirectory.MaxUserNameLength)
        {
            entered = string.Empty;
        }

        StringBuilder hidden = new();
        Append(hidden, AntiforgeryField, antiforgery.RequestToken!);
        foreach ((string name, OpenIddictParameter value) in request.GetParameters())
        {
            if (name is not (UserNameField or PasswordField or AntiforgeryField))
            {
                Append(hidden, name, (string?)value ?? string.Empty);
            }
        }

        bool hasName = entered.Length > 0;
        string body = $"""
            <h1>Log in</h1>
            <p>to {Page.Encode(serviceName)}</p>
            {Notice(problem)}<form method="post" action="{AuthorizationEndpoint.LogInPath}">
            {hidden}<label for="{UserNameField}">User name</label>
            <input id="{UserNameField}" name="{UserNameField}" type="text" value="{Page.Encode(entered)}" maxlength="{AccountDirectory.MaxUserNameLength}" autocomplete="username" autocapitalize="none" autocorrect="off" spellcheck="false" required{Focus(!hasName)}{Describe(problem)}>
            <label for="{PasswordField}">Password</label>
            <input id="{PasswordField}" name="{PasswordField}" type="password" maxlength="{MaxPasswordLength}" autocomplete="current-password" required{Focus(hasName)}{Describe(problem)}>
            <button type="submit">Log in</button>
            </form>
            <small>Application: {Page.Encode(request.ClientId)}</small>
            """;
        return Page.Create(
            context, StatusCodes.Status200OK, $"Log in - {serviceName}", body, RedirectUris.FormActionSource(request.RedirectUri!));
    }

    private static void Append(StringBuilder form, string name, string value) =>
        form.Append("<input type=\"hidden\" name=\"").Append(Page.Encode(name)).Append("\" value=\"").Append(Page.Encode(value)).Append("\">\n");

    private static string Notice(Problem problem)
    {
        string? text = problem switch
        {
            Problem.Refused => "The user name or the password is not right, or the account cannot be used at the moment. "
                + "After several failures an account stays locked for some minutes.",
            Problem.Incomplete => "Please enter your user name and your password.",
            Problem.PageExpired => "This page had expired. Please enter your user name and your password again.",
            _ => null,
        };
        return text is null ? string.Empty : $"<p class=\"fault\" role=\"alert\" id=\"problem\">{text}</p>\n";
    }

    private static string Focus(bool here) => here ? " autofocus" : string.Empty;

    private static string Describe(Problem problem) =>
        problem == Problem.None ? string.Empty : " aria-invalid=\"true\" aria-describedby=\"problem\"";
}
