using Microsoft.AspNetCore.Connections;

namespace PrivacyProxy.Commands.Attester;

/// <summary>Marks connections of the management listener: what is told there is not told to clients, whatever host they name.</summary>
internal sealed class ManagementConnection
{
    private static readonly ManagementConnection _mark = new();

    private ManagementConnection() { }

    public static ConnectionDelegate Mark(ConnectionDelegate next) => connection =>
    {
        connection.Features.Set(_mark);
        return next(connection);
    };
}
