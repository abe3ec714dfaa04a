namespace Watchword.Sip;

/// <summary>The grammar of URIs (RFC 3261 §25.1, RFC 3966 §3).</summary>
internal static class SipUriReader
{
    public static bool TryRead(ReadOnlySpan<char> text, out SipUri? uri, out int offset)
    {
        uri = null;
        SipScanner scanner = new(text);
        bool read = scanner.TryRun(SipChars.Scheme, out ReadOnlySpan<char> scheme) && char.IsAsciiLetter(scheme[0])
            && scanner.TryChar(':');
        if (read)
        {
            string name = scheme.ToString().ToLowerInvariant();
            read = name switch
            {
                "sip" or "sips" => TrySip(ref scanner, name, out uri),
                "tel" => TryTel(ref scanner, name, out uri),
                _ => TryOther(ref scanner, name, out uri),
            };
        }

        offset = scanner.Position;
        if (!read || !scanner.AtEnd)
        {
            uri = null;
            return false;
        }

        return true;
    }

    private static bool TrySip(ref SipScanner scanner, string scheme, out SipUri? uri)
    {
        uri = null;
        string? user = null;
        string? password = null;
        string? headers = null;
        int? port = null;
        if (scanner.Rest.Contains('@') && !TryUserInfo(ref scanner, out user, out password))
        {
            return false;
        }

        if (!SipHost.TryRead(ref scanner, out string host))
        {
            return false;
        }

        if (scanner.TryChar(':'))
        {
            if (!SipHost.TryPort(ref scanner, out int number))
            {
                return false;
            }

            port = number;
        }

        if (!TryParameters(ref scanner, out SipParameters parameters)
            || (scanner.TryChar('?') && !TryHeaders(ref scanner, out headers)))
        {
            return false;
        }

        uri = new(scheme, null, user, password, host, port, parameters, headers);
        return true;
    }

    private static bool TryUserInfo(ref SipScanner scanner, out string? user, out string? password)
    {
        user = null;
        password = null;
        if (!scanner.TryRun(SipChars.UriUser, out ReadOnlySpan<char> name) || !SipChars.EscapesAreWhole(name))
        {
            return false;
        }

        user = name.ToString();
        if (scanner.TryChar(':'))
        {
            scanner.TryRun(SipChars.UriPassword, out ReadOnlySpan<char> secret);
            if (!SipChars.EscapesAreWhole(secret))
            {
                return false;
            }

            password = secret.ToString();
        }

        return scanner.TryChar('@');
    }

    private static bool TryParameters(ref SipScanner scanner, out SipParameters parameters)
    {
        parameters = SipParameters.Empty;
        List<SipParameter>? items = null;
        while (scanner.TryChar(';'))
        {
            if (!TryEscaped(ref scanner, SipChars.UriParameter, out string name)
                || (items is not null && SipParameters.IsRepeated(items, name)))
            {
                return false;
            }

            string? value = null;
            if (scanner.TryChar('=') && !TryEscaped(ref scanner, SipChars.UriParameter, out value))
            {
                return false;
            }

            (items ??= []).Add(new(name, value));
        }

        parameters = items is null ? parameters : new([.. items]);
        return true;
    }

    private static bool TryHeaders(ref SipScanner scanner, out string? headers)
    {
        ReadOnlySpan<char> whole = scanner.Rest;
        headers = null;
        int start = scanner.Position;
        do
        {
            if (!TryEscaped(ref scanner, SipChars.UriHeader, out _) || !scanner.TryChar('='))
            {
                return false;
            }

            scanner.TryRun(SipChars.UriHeader, out ReadOnlySpan<char> value);
            if (!SipChars.EscapesAreWhole(value))
            {
                return false;
            }
        }
        while (scanner.TryChar('&'));
        headers = whole[..(scanner.Position - start)].ToString();
        return true;
    }

    private static bool TryTel(ref SipScanner scanner, string scheme, out SipUri? uri)
    {
        uri = null;
        bool global = scanner.NextIs('+');
        scanner.TryChar('+');
        if (!scanner.TryRun(global ? SipChars.TelGlobal : SipChars.TelLocal, out ReadOnlySpan<char> digits)
            || !digits.ContainsAnyExcept("-.()")
            || !TryParameters(ref scanner, out SipParameters parameters)
            || (!global && parameters["phone-context"] is null or ""))
        {
            return false;
        }

        uri = new(scheme, (global ? "+" : "") + digits.ToString(), null, null, null, null, parameters, null);
        return true;
    }

    private static bool TryOther(ref SipScanner scanner, string scheme, out SipUri? uri)
    {
        bool read = TryEscaped(ref scanner, SipChars.UriOther, out string rest);
        uri = read ? new(scheme, rest, null, null, null, null, SipParameters.Empty, null) : null;
        return read;
    }

    private static bool TryEscaped(ref SipScanner scanner, System.Buffers.SearchValues<char> set, out string text)
    {
        bool read = scanner.TryRun(set, out ReadOnlySpan<char> run) && SipChars.EscapesAreWhole(run);
        text = read ? run.ToString() : "";
        return read;
    }
}
