using PrivacyProxy.Requests;
using Yarp.ReverseProxy.Forwarder;

namespace PrivacyProxy.Forwarding;

/// <summary>What went wrong on the way to an origin, in the terms of RFC 9209.</summary>
internal static class ForwardErrors
{
    public static Refusal Of(ForwarderError error, Exception? exception)
    {
        for (var each = exception; each is not null; each = each.InnerException)
            if (Egress(each) is { } egress) return egress.Refusal;
        return error switch
        {
            ForwarderError.RequestTimedOut or ForwarderError.ResponseBodyCanceled => new(ProxyStatusError.ConnectionReadTimeout),
            ForwarderError.RequestBodyClient => new(ProxyStatusError.HttpRequestError) { Status = exception?.GetBaseException() is BadHttpRequestException bad ? bad.StatusCode : StatusCodes.Status400BadRequest, Details = "malformed content" },
            ForwarderError.UpgradeRequestClient or ForwarderError.UpgradeResponseClient or ForwarderError.UpgradeRequestDestination or ForwarderError.UpgradeResponseDestination or ForwarderError.UpgradeActivityTimeout
                => new(ProxyStatusError.HttpUpgradeFailed),
            ForwarderError.RequestCreation => new(ProxyStatusError.ProxyInternalError),
            _ => new(IsProtocolError(exception) ? ProxyStatusError.HttpProtocolError : ProxyStatusError.ConnectionTerminated),
        };
    }

    private static EgressException? Egress(Exception exception) => exception switch
    {
        EgressException egress => egress,
        AggregateException many => many.InnerExceptions.Select(Egress).FirstOrDefault(static one => one is not null),
        _ => null,
    };

    /// <summary>The origin has answered, but not with HTTP that can be passed on.</summary>
    private static bool IsProtocolError(Exception? exception)
    {
        for (var each = exception; each is not null; each = each.InnerException)
            if (each is HttpRequestException { HttpRequestError: HttpRequestError.InvalidResponse or HttpRequestError.ConfigurationLimitExceeded or HttpRequestError.VersionNegotiationError }) return true;
        return false;
    }
}
