# Runs a private PostgreSQL for as long as standard input stays open, then removes every trace of it.
# The program that started this script holds the other end, and however it dies, that end closes.
# Arguments: the directory with PostgreSQL's programs, an empty directory to work in, then options of the server.
bin=$1
directory=$2
shift 2
exec 3<&0 </dev/null

(
    "$bin/initdb" -D "$directory/data" -U app --auth=trust -E UTF8 --locale=C.UTF-8 --no-sync &&
        exec "$bin/postgres" -D "$directory/data" -c listen_addresses= \
            -c unix_socket_directories="$directory" -c max_connections=200 "$@"
) >"$directory/log" 2>&1 3<&- &
server=$!

# Asked again and again: while initdb runs, nobody listens to the signal yet.
(
    while read -r _; do :; done
    until [ -e "$directory/ended" ]; do
        kill -INT "$server" 2>/dev/null
        sleep 0.1
    done
) <&3 3<&- &
exec 3<&-

wait "$server"
: >"$directory/ended"
wait
cd / && rm -rf "$directory"
