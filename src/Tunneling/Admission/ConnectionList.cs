namespace Tunneling.Admission;

/// <summary>Connections in the order they came, linked through themselves.</summary>
internal sealed class ConnectionList
{
    public AdmittedConnection? Oldest { get; private set; }

    private AdmittedConnection? Newest { get; set; }

    public int Count { get; private set; }

    public void Add(AdmittedConnection connection)
    {
        connection.List = this;
        connection.Previous = Newest;
        if (Newest is { } newest) newest.Next = connection;
        else Oldest = connection;
        Newest = connection;
        Count++;
    }

    public void Remove(AdmittedConnection connection)
    {
        if (connection.Previous is { } previous) previous.Next = connection.Next;
        else Oldest = connection.Next;
        if (connection.Next is { } next) next.Previous = connection.Previous;
        else Newest = connection.Previous;
        connection.Previous = connection.Next = null;
        connection.List = null;
        Count--;
    }
}
